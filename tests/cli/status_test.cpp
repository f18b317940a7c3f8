#include "cli/render/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/render/changes.h"
#include "tests/cli/samples.h"

namespace heirloom::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Status, ShowsChampionWorkQueueVerdictAndBudgetOnOneScreen) {
  const std::string screen = render_status(test::status_sample(), test::wide());
  EXPECT_EQ(
      screen,
      "digits  sigma 0.50, 1x28x28, 10 classes, policy 1\n"
      "  champion    g1 since 2026-11-24 09:30 (0123456789ab)\n"
      "  running     g2 training\n"
      "              [██████░░░░░░░░░░░░░░░░░░░░]   24%  ETA 12.5s  120/500 steps  812 images/s"
      "  loss 0.410\n"
      "  queue       g3, g4\n"
      "  inspecting  version resnet8 (registration 7)\n"
      "  verdict     g1 promoted, 2026-11-24 09:30\n"
      "              every gate holds; the closest was certified_accuracy at 0.50\n"
      "  holdout     1 of 20 candidates and 1 of 3 promotions used, 1,000 examples, next "
      "level 0.00017\n");
}

TEST(Status, FitsSixtyColumnsAndKeepsTheBarAndItsShare) {
  const std::string screen = render_status(test::status_sample(), test::narrow());
  EXPECT_LE(test::widest_line(screen), 60U);
  const std::string bar = test::line_with(screen, "█");
  EXPECT_THAT(bar, HasSubstr("24%"));
  EXPECT_THAT(bar, HasSubstr("ETA 12.5s"));
  EXPECT_THAT(bar, Not(HasSubstr("loss")));
}

TEST(Status, SaysWhatIsMissingWhereNothingHasHappenedYet) {
  Json status = test::status_sample();
  for (const char* key : {"champion", "running", "last_verdict", "holdout"}) {
    status["models"][0][key] = nullptr;
  }
  status["models"][0]["queue"] = Json::array();
  status["models"][0]["registrations"] = Json::array();
  status["models"][0]["waiting_for_data"] = {"resnet8"};
  EXPECT_EQ(render_status(status, test::wide()),
            "digits  sigma 0.50, 1x28x28, 10 classes, policy 1\n"
            "  champion  none yet\n"
            "  running   nothing\n"
            "  queue     empty\n"
            "  waiting   resnet8: no data yet (heirloom data add)\n"
            "  verdict   none yet\n"
            "  holdout   none yet\n");
}

TEST(Status, WarnsOfALayerThatTheSandboxLacks) {
  Json status = test::status_sample();
  status["sandbox"] = {{"mode", "best_effort"}, {"landlock", 7}, {"missing", nullptr}};
  EXPECT_EQ(render_status(status, test::wide()),
            render_status(test::status_sample(), test::wide()));
  status["sandbox"]["missing"] = "Landlock";
  EXPECT_THAT(render_status(status, test::wide()),
              HasSubstr("workers run without Landlock (sandbox: best_effort"));
}

TEST(Status, AnEmptyRegistrySaysHowToBegin) {
  EXPECT_THAT(render_status({{"models", Json::array()}}, test::wide()),
              HasSubstr("heirloom policy apply FILE"));
}

TEST(Status, AnAnswerOfAnotherFormIsDrawnWithoutACrash) {
  EXPECT_NO_THROW(render_status(Json::parse(R"({"models": [{"running": {"total": "x"}}, 3]})"),
                                test::narrow()));
}

TEST(Changes, WorkWaitingAndInspectionMakeItBusyButMissingDataDoesNot) {
  Json status = test::idle_status("promoted");
  status["models"][0]["waiting_for_data"] = {"resnet8"};
  EXPECT_FALSE(is_busy(status));
  Json queued = status;
  queued["models"][0]["queue"] = {"g3"};
  EXPECT_TRUE(is_busy(queued));
  Json running = status;
  running["models"][0]["running"] = test::status_sample()["models"][0]["running"];
  EXPECT_TRUE(is_busy(running));
  Json inspected = status;
  inspected["models"][0]["registrations"] = test::status_sample()["models"][0]["registrations"];
  EXPECT_TRUE(is_busy(inspected));
}

TEST(Changes, NothingIsSaidWhenNothingChanged) {
  EXPECT_THAT(status_changes(test::status_sample(), test::status_sample()), ElementsAre());
}

TEST(Changes, ProgressIsToldOnceEveryTenth) {
  Json later = test::status_sample();
  later["models"][0]["running"]["position"] = 149;  // still within the third tenth
  EXPECT_THAT(status_changes(test::status_sample(), later), ElementsAre());
  later["models"][0]["running"]["position"] = 150;
  EXPECT_THAT(status_changes(test::status_sample(), later),
              ElementsAre("digits: g2 training, 30%, ETA 12.5s"));
}

TEST(Changes, AVerdictAndANewChampionAreTold) {
  Json later = test::idle_status("promoted");
  later["models"][0]["last_verdict"]["generation"] = "g2";
  later["models"][0]["champion"]["generation"] = "g2";
  EXPECT_THAT(
      status_changes(test::status_sample(), later),
      ElementsAre(HasSubstr("digits: g2 promoted: every gate holds"), "digits: champion is g2"));
}

TEST(Changes, TheFirstLookTellsEverything) {
  EXPECT_THAT(status_changes(nullptr, test::status_sample()),
              ElementsAre("digits: inspecting version resnet8", "digits: g3 queued",
                          "digits: g4 queued", HasSubstr("digits: g1 promoted"),
                          "digits: champion is g1", "digits: g2 training, 20%, ETA 12.5s"));
}

TEST(Changes, AnEndedRegistrationIsNamedOnce) {
  const Json now = test::idle_status("promoted");
  EXPECT_THAT(ended_registrations(test::status_sample(), now), ElementsAre(7));
  EXPECT_THAT(ended_registrations(now, now), ElementsAre());
}

}  // namespace
}  // namespace heirloom::cli

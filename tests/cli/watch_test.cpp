// heirloom status --watch, on a terminal and off one.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_heirloom.h"
#include "tests/cli/samples.h"

namespace heirloom::cli::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kStatus = "GET /v1/status?model=digits";

class Watch : public testing::Test {
 protected:
  Outcome run(const std::vector<std::string>& arguments) {
    return run_heirloom(arguments, {{{"HEIRLOOM_SOCKET", daemon_.socket_path()}}, ""});
  }

  FakeDaemon daemon_;
};

TEST_F(Watch, OffATerminalTellsEachChangeOnALineOfItsOwn) {
  daemon_.answer(kStatus, 200, status_sample());
  daemon_.answer(kStatus, 200, status_sample());
  Json idle = idle_status("rejected");
  idle["models"][0]["last_verdict"]["generation"] = "g2";
  daemon_.answer(kStatus, 200, idle);
  daemon_.answer("GET /v1/registrations/7", 200, registration_sample("refused"));
  const Outcome outcome = run({"status", "digits", "--watch"});
  EXPECT_EQ(outcome.code, 3) << outcome.err;
  EXPECT_EQ(outcome.out,
            "digits: inspecting version resnet8\n"
            "digits: g3 queued\n"
            "digits: g4 queued\n"
            "digits: g1 promoted: every gate holds; the closest was certified_accuracy at 0.50\n"
            "digits: champion is g1\n"
            "digits: g2 training, 20%, ETA 12.5s\n"
            "digits: version r8 refused: depth must be 6n+2, not 9\n"
            "digits: g2 rejected: every gate holds; the closest was certified_accuracy at 0.50\n");
}

TEST_F(Watch, EndsWithTheLastVerdictsExitCode) {
  const std::vector<std::pair<std::string, int>> verdicts = {
      {"promoted", 0}, {"rejected", 3}, {"held", 4}, {"error", 1}};
  for (const auto& [verdict, code] : verdicts) {
    daemon_.answer("GET /v1/status?model=" + verdict, 200, idle_status(verdict));
    EXPECT_EQ(run({"status", verdict, "--watch"}).code, code) << verdict;
    // Without --watch it is an answer like any other.
    EXPECT_EQ(run({"status", verdict}).code, 0) << verdict;
  }
}

TEST_F(Watch, OverAllModelsIsDoneWhateverTheVerdicts) {
  daemon_.answer("GET /v1/status", 200, idle_status("rejected"));
  EXPECT_EQ(run({"status", "--watch"}).code, 0);
}

TEST_F(Watch, WithNothingJudgedIsDoneAndSaysSo) {
  Json idle = idle_status("promoted");
  idle["models"][0]["last_verdict"] = nullptr;
  daemon_.answer(kStatus, 200, idle);
  const Outcome outcome = run({"status", "digits", "--watch"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("nothing has been judged yet"));
}

TEST_F(Watch, GivesUpAfterItsTimeout) {
  daemon_.answer(kStatus, 200, status_sample());
  const Outcome outcome = run({"status", "digits", "--watch", "--timeout", "0.3"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("still work after 0.3 s"));
}

TEST_F(Watch, AsJsonIsOneDocumentAtTheEnd) {
  daemon_.answer(kStatus, 200, status_sample());
  daemon_.answer(kStatus, 200, idle_status("held"));
  const Outcome outcome = run({"status", "digits", "--watch", "-o", "json"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(Json::parse(outcome.out), idle_status("held"));
}

TEST_F(Watch, OnATerminalRedrawsInPlaceWithinItsWidth) {
  daemon_.answer(kStatus, 200, status_sample());
  daemon_.answer(kStatus, 200, idle_status("promoted"));
  daemon_.answer("GET /v1/registrations/7", 200, registration_sample("refused"));
  const Outcome outcome = run_heirloom_on_terminal(
      {"--socket", daemon_.socket_path(), "status", "digits", "--watch", "--no-color"}, 60, 40);
  EXPECT_EQ(outcome.code, 0);
  const std::size_t redrawn = outcome.out.find("\x1b[J");
  ASSERT_NE(redrawn, std::string::npos);
  const std::string first = outcome.out.substr(0, outcome.out.rfind("\x1b[", redrawn - 1));
  // As many lines up as were drawn.
  EXPECT_THAT(outcome.out, HasSubstr(fmt::format("\x1b[{}A", lines_of(first).size())));
  EXPECT_LE(widest_line(first), 61U);  // the terminal adds a carriage return
  EXPECT_THAT(outcome.out.substr(redrawn), HasSubstr("running   nothing"));
  EXPECT_THAT(outcome.out.substr(redrawn), HasSubstr("digits: version r8 refused: depth must be"));
}

TEST_F(Watch, OnALowTerminalShowsNoMoreLinesThanItHas) {
  daemon_.answer(kStatus, 200, status_sample());
  daemon_.answer(kStatus, 200, idle_status("promoted"));
  const Outcome outcome = run_heirloom_on_terminal(
      {"--socket", daemon_.socket_path(), "status", "digits", "--watch"}, 80, 5);
  EXPECT_THAT(outcome.out, HasSubstr("\x1b[4A\x1b[J"));
}

TEST_F(Watch, ColoursAreForTerminalsOnly) {
  daemon_.answer(kStatus, 200, idle_status("promoted"));
  const std::vector<std::string> arguments = {"--socket", daemon_.socket_path(), "status",
                                              "digits"};
  EXPECT_THAT(run_heirloom_on_terminal(arguments, 80, 24).out, HasSubstr("\x1b[32m"));
  std::vector<std::string> plain = arguments;
  plain.push_back("--no-color");
  EXPECT_THAT(run_heirloom_on_terminal(plain, 80, 24).out, Not(HasSubstr("\x1b[")));
}

TEST_F(Watch, AModelThatTheDaemonLeavesOutIsNotFound) {
  daemon_.answer(kStatus, 200, {{"models", Json::array()}});
  const Outcome outcome = run({"status", "digits"});
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(outcome.out, IsEmpty());
}

}  // namespace
}  // namespace heirloom::cli::test

#include "cli/render/generation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/render/gates.h"
#include "cli/render/history.h"
#include "tests/cli/samples.h"

namespace heirloom::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(GenerationList, ShowsStateFiguresAndTeacher) {
  const Json list = {test::generation_sample(), test::queued_sample()};
  EXPECT_EQ(render_generation_list(list, {160, false, true}),
            "ID  STATE     VERSION           KIND              SNAPSHOT  POLICY    ACR  CLEAN  "
            "ABSTAIN  CERT@0.50  CERT@1.00  TRAIN  CERTIFY  CREATED (UTC)\n"
            "g2  promoted  resnet8 (resnet)  transfer from g1  s1             1  0.612  98.0%     "
            "0.4%      93.4%      60.0%  31.2s   2m 05s  2026-11-24 09:30\n"
            "g3  queued    linear            -                 s1             1      -      -     "
            "   -          -          -      -        -  2026-11-24 09:40\n");
}

TEST(GenerationList, KeepsStateVersionAndCertifiedAccuracyAtSixtyColumns) {
  const std::string table =
      render_generation_list(Json::array({test::generation_sample()}), test::narrow());
  EXPECT_LE(test::widest_line(table), 60U);
  EXPECT_THAT(table, HasSubstr("promoted"));
  EXPECT_THAT(table, HasSubstr("resnet8"));
  EXPECT_THAT(table, HasSubstr("93.4%"));
  EXPECT_THAT(table, Not(HasSubstr("CREATED")));
}

TEST(Generation, ShowsFiguresGatesAndJobs) {
  const std::string page = render_generation("digits", test::generation_sample(), test::wide());
  EXPECT_THAT(page, StartsWith("digits g2 promoted\n"));
  EXPECT_THAT(test::line_with(page, "reason"), HasSubstr("every gate holds"));
  EXPECT_THAT(test::line_with(page, "kind"), HasSubstr("transfer from g1"));
  EXPECT_THAT(test::line_with(page, "certify"), HasSubstr("2m 05s for 600,000 samples"));
  EXPECT_THAT(test::line_with(page, "  0.50"), HasSubstr("93.4%"));
  EXPECT_THAT(test::line_with(page, "exit 0"), HasSubstr("transfer"));
}

TEST(Generation, AQueuedOneHasDashesAndNoTables) {
  const std::string page = render_generation("digits", test::queued_sample(), test::wide());
  EXPECT_THAT(test::line_with(page, "acr"), HasSubstr("-"));
  EXPECT_THAT(page, Not(HasSubstr("GATE")));
  EXPECT_THAT(page, Not(HasSubstr("JOB")));
}

TEST(Generation, SaysWhatAnAttackOnItsCertificatesFound) {
  Json generation = test::generation_sample();
  EXPECT_EQ(test::line_with(render_generation("digits", generation, test::wide()), "attack"), "");
  generation["falsification"] = {{"attacked", 20}, {"broken", 0}, {"examples", Json::array()}};
  EXPECT_THAT(test::line_with(render_generation("digits", generation, test::wide()), "attack"),
              HasSubstr("0 of 20 attacked certificates broken"));
  generation["falsification"] = {{"attacked", 20}, {"broken", 2}, {"examples", {3, 17}}};
  EXPECT_THAT(test::line_with(render_generation("digits", generation, test::wide()), "attack"),
              HasSubstr("2 of 20 attacked certificates broken (examples 3, 17)"));
}

TEST(Generation, FitsSixtyColumns) {
  EXPECT_LE(
      test::widest_line(render_generation("digits", test::generation_sample(), test::narrow())),
      60U);
}

TEST(Gates, EachIsMarkedAndStandsBesideItsBoundAndWhatItNeeds) {
  const std::string table = render_gates(test::generation_sample()["gates"], test::wide());
  EXPECT_EQ(table,
            "GATE            METRIC                AT  OBSERVED  BOUND  NEEDS                     "
            "     COUNT  THRESHOLD\n"
            "pass            certified_accuracy  0.50     93.4%  91.2%  ≥ 90.0%                   "
            " 934/1,000         #3\n"
            "FAIL            certified_accuracy  1.00     60.0%  57.1%  ≥ 61.5% (champion - 0.02) "
            " 600/1,000         #4\n"
            "n.a.            acr                          0.612         ≥ root - 0.03             "
            "   0/1,000         #5\n"
            "pass (dry run)  abstain_rate                  0.4%   1.0%  ≤ 5.0%                    "
            "   4/1,000         #6\n"
            "acr at least root - 0.03: there is no root yet\n");
}

TEST(Gates, KeepMarkObservedAndBoundAtSixtyColumns) {
  const std::string table = render_gates(test::generation_sample()["gates"], test::narrow());
  EXPECT_LE(test::widest_line(table), 60U);
  const std::string failed = test::line_with(table, "FAIL");
  EXPECT_THAT(failed, HasSubstr("60.0%"));
  EXPECT_THAT(failed, HasSubstr("57.1%"));
  EXPECT_THAT(failed, HasSubstr("≥ 61"));
}

TEST(Gates, SaysNothingOfOneThatACertificationEndedBefore) {
  Json gates = test::generation_sample()["gates"];
  gates[0].update({{"applicable", false}, {"examples", 0}, {"count", 0}, {"observed", 0.0}});
  const std::string line = test::line_with(render_gates(gates, test::wide()), "n.a.");
  EXPECT_THAT(line, HasSubstr("≥ 90.0%"));
  EXPECT_THAT(line, Not(HasSubstr("0/0")));
  EXPECT_THAT(line, Not(HasSubstr(" 0.0%")));
}

TEST(Gates, UseAsciiSignsWhereUnicodeIsNot) {
  const std::string table = render_gates(test::generation_sample()["gates"], test::ascii());
  EXPECT_THAT(table, HasSubstr(">= 90.0%"));
  EXPECT_THAT(table, Not(HasSubstr("≥")));
}

TEST(History, DrawsABarInProportionToTheLargestValue) {
  const Json history = Json::parse(R"({"model": "digits", "metric": "acr", "points": [
    {"generation": "g1", "at": "2026-11-24T09:30:00.000Z", "value": 0.8, "verdict": "promoted"},
    {"generation": "g2", "at": "2026-11-24T10:30:00.000Z", "value": 0.4, "verdict": "rejected"}]})");
  EXPECT_EQ(render_history(history, test::wide()),
            "GENERATION  AT (UTC)          VERDICT     acr\n"
            "g1          2026-11-24 09:30  promoted  0.800  ████████████████████████\n"
            "g2          2026-11-24 10:30  rejected  0.400  ████████████\n");
}

}  // namespace
}  // namespace heirloom::cli

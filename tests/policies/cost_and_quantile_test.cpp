#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/stats/certified_accuracy.h"
#include "tests/policies/evidence.h"

namespace heirloom::policies {
namespace {

using certificate::CertifiedExample;
using testing::HasSubstr;

Judgement judged(const JudgeInput& input) {
  const auto judgement = judge(input);
  EXPECT_TRUE(judgement.has_value()) << (judgement.has_value() ? "" : judgement.error().text());
  return judgement.value_or(Judgement{});
}

// Example i of 1000 has pA 0.5 + i / 2500, so 0.5 to 0.8996.
certificate::Certificate ladder() {
  std::vector<CertifiedExample> examples;
  for (int i = 0; i < 1000; ++i) {
    examples.push_back(robust(0.1));
    examples.back().p_lower = 0.5 + i / 2500.0;
  }
  return certificate_of(examples);
}

TEST(PaQuantile, IsTheTestOfTheShareThatReachesIt) {
  const auto candidate = ladder();
  const Gate gate = judged(input_of(candidate, {pa_quantile(0.10, 0.52)})).gates[0];
  EXPECT_EQ(gate.count, 950);  // those from i = 50 on
  EXPECT_EQ(gate.p_value, stats::certified_share_p_value(950, 1000, 0.90, 0.001));
  EXPECT_TRUE(gate.pass);
  EXPECT_DOUBLE_EQ(gate.observed, 0.54);  // 900 of 1000 reach what example 100 has
}

// The observed quantile is above what is asked, and the share's bound is not.
TEST(PaQuantile, DecidesByTheBoundAndNotByTheObservedQuantile) {
  const auto candidate = ladder();
  const Judgement judgement = judged(input_of(candidate, {pa_quantile(0.10, 0.539)}));
  EXPECT_GT(judgement.gates[0].observed, 0.539);
  EXPECT_LT(judgement.gates[0].bound, 0.539);
  EXPECT_EQ(judgement.verdict, Verdict::rejected);
  EXPECT_THAT(judgement.reason,
              HasSubstr("pa_quantile 0.1 is at least 0.533 with confidence 0.95, needs 0.539"));
}

TEST(PaQuantile, ShowsTheLargestValueThatPassesAsItsBound) {
  const auto candidate = ladder();
  const double bound = judged(input_of(candidate, {pa_quantile(0.10, 0.6)})).gates[0].bound;
  EXPECT_TRUE(judged(input_of(candidate, {pa_quantile(0.10, bound)})).gates[0].pass);
  EXPECT_FALSE(judged(input_of(candidate, {pa_quantile(0.10, bound + 1e-9)})).gates[0].pass);
}

TEST(PaQuantile, CountsAWrongClassAsNothingHoweverSure) {
  std::vector<CertifiedExample> examples(900, robust(0.6));
  examples.resize(1000, wrong());  // with the same pA, of another class
  const auto candidate = certificate_of(examples);
  EXPECT_TRUE(judged(input_of(candidate, {pa_quantile(0.15, 0.9)})).gates[0].pass);
  const Gate gate = judged(input_of(candidate, {pa_quantile(0.05, 0.9)})).gates[0];
  EXPECT_FALSE(gate.pass);
  EXPECT_EQ(gate.count, 900);
  EXPECT_EQ(gate.observed, 0.0);
}

TEST(TrainingCost, IsWhatTheClockSaid) {
  const auto candidate = planted(960, 1000);
  JudgeInput input = input_of(candidate, {gate_on(Metric::training_cost, 60)});
  input.training_seconds = 60.0;
  EXPECT_EQ(judged(input).verdict, Verdict::promoted);
  input.training_seconds = 60.5;
  const Judgement judgement = judged(input);
  EXPECT_EQ(judgement.verdict, Verdict::rejected);
  EXPECT_EQ(judgement.reason, "rejected: training_cost was 60.5 s, must be 60.0 s at most");
}

TEST(TrainingCost, ThatWasNotRecordedIsNotCheap) {
  const auto candidate = planted(960, 1000);
  const Judgement judgement =
      judged(input_of(candidate, {gate_on(Metric::training_cost, 60), certified_at(0.5, 0.9)}));
  EXPECT_EQ(judgement.verdict, Verdict::rejected);
  EXPECT_THAT(judgement.reason, HasSubstr("was not recorded"));
}

TEST(TrainingCost, NeedsNoCertificationThatDecidesItsRadius) {
  auto candidate = planted(960, 1000, 0.5);
  candidate.protocol.mode = certificate::Mode::gate;
  candidate.protocol.radii = {0.0, 0.5};
  JudgeInput input =
      input_of(candidate, {gate_on(Metric::training_cost, 60), certified_at(0.5, 0.9)});
  input.training_seconds = 1.0;
  EXPECT_EQ(judged(input).verdict, Verdict::promoted);
}

// Whoever reads a reason learns which gate it was and no figure to tune to.
TEST(SealedReason, NamesNoFigureOfTheHoldout) {
  const auto candidate = planted(846, 1000);
  JudgeInput input = input_of(candidate, {certified_at(0.5, 0.9)});
  input.sealed = true;
  EXPECT_EQ(
      judged(input).reason,
      "rejected: certified_accuracy at 0.50 at least 0.9 did not pass; its figures are sealed");
  const auto good = planted(960, 1000);
  input = input_of(good, {certified_at(0.5, 0.9)});
  input.sealed = true;
  const certificate::Falsification attack{.drawn = 50, .attacked = 50, .broken = {3, 9}};
  input.falsification = &attack;
  const Judgement held = judged(input);
  EXPECT_NE(held.verdict, Verdict::promoted);
  EXPECT_THAT(held.reason, HasSubstr("an attack broke certificates"));
  EXPECT_THAT(held.reason, Not(HasSubstr("50")));
}

}  // namespace
}  // namespace heirloom::policies

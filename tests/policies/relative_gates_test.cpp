#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/stats/bounded_mean.h"
#include "core/stats/paired.h"
#include "tests/policies/evidence.h"

namespace heirloom::policies {
namespace {

using certificate::Certificate;
using certificate::CertifiedExample;
using testing::HasSubstr;

// Both certify `both` examples, then `first_only` and `second_only`; the rest neither does.
std::pair<Certificate, Certificate> pair_of(std::size_t both, std::size_t first_only,
                                            std::size_t second_only, std::size_t n) {
  std::vector<CertifiedExample> first(n, wrong());
  std::vector<CertifiedExample> second(n, wrong());
  for (std::size_t i = 0; i < both + first_only + second_only; ++i) {
    if (i < both + first_only) first[i] = robust(0.6);
    if (i < both || i >= both + first_only) second[i] = robust(0.6);
  }
  return {certificate_of(first), certificate_of(second)};
}

Threshold below_champion(double margin) {
  return gate_on(Metric::certified_accuracy, margin, Baseline::champion);
}

Judgement judged(const Certificate& champion, const Certificate& candidate,
                 const Threshold& threshold, double level = 0.05) {
  JudgeInput input = input_of(candidate, {threshold}, level);
  input.champion = &champion;
  input.root = &champion;
  const auto judgement = judge(input);
  EXPECT_TRUE(judgement.has_value()) << (judgement.has_value() ? "" : judgement.error().text());
  return judgement.value_or(Judgement{});
}

TEST(RelativeGate, IsTheExactPairedTest) {
  const auto [champion, candidate] = pair_of(1600, 22, 18, 2000);
  const Gate gate = judged(champion, candidate, below_champion(0.02), 0.01).gates[0];
  EXPECT_EQ(gate.p_value, stats::non_inferiority_p_value(22, 18, 2000, 0.02, 0.01));
  EXPECT_TRUE(gate.pass);
  EXPECT_DOUBLE_EQ(gate.observed, 1618.0 / 2000.0);
  EXPECT_DOUBLE_EQ(gate.required, 1622.0 / 2000.0 - 0.02);
  EXPECT_DOUBLE_EQ(gate.bound,
                   1622.0 / 2000.0 + stats::paired_difference_lower(22, 18, 2000, 0.01));
  EXPECT_GE(gate.bound, gate.required);
  EXPECT_EQ(gate.count, 1618);
  EXPECT_EQ(gate.examples, 2000);
  EXPECT_THAT(gate.note, HasSubstr("for the champion only: 22, for this generation only: 18"));
}

TEST(RelativeGate, CountsForTheChampionWhatOnlyTheChampionCertifies) {
  const auto [champion, candidate] = pair_of(1600, 60, 10, 2000);
  EXPECT_EQ(judged(champion, candidate, below_champion(0.02)).verdict, Verdict::rejected);
  EXPECT_EQ(judged(candidate, champion, below_champion(0.02)).verdict, Verdict::promoted);
}

// Observed 0.5 points below a margin of 1: a comparison of shares would pass it.
TEST(RelativeGate, DecidesByTheTestAndNotByTheObservedDifference) {
  const auto [champion, candidate] = pair_of(1600, 40, 30, 2000);
  const Judgement judgement = judged(champion, candidate, below_champion(0.01));
  EXPECT_GT(judgement.gates[0].observed, judgement.gates[0].required);
  EXPECT_EQ(judgement.verdict, Verdict::rejected);
  EXPECT_LT(judgement.gates[0].bound, judgement.gates[0].required);
}

// The margins of the two are far apart as shares, but few examples differ: unpaired bounds fail it.
TEST(RelativeGate, GainsFromPairing) {
  const auto [champion, candidate] = pair_of(1000, 5, 5, 2000);
  EXPECT_TRUE(judged(champion, candidate, below_champion(0.01)).gates[0].pass);
}

TEST(RelativeGate, GivesAReasonThatAPersonUnderstands) {
  const auto [champion, candidate] = pair_of(800, 30, 10, 1000);
  const Judgement judgement = judged(champion, candidate, below_champion(0.02));
  EXPECT_THAT(
      judgement.reason,
      testing::StartsWith("rejected: certified_accuracy at 0.50 is at least champion - 0.03"));
  EXPECT_THAT(judgement.reason, HasSubstr("needs champion - 0.020 (observed 0.810 against 0.830 of "
                                          "1000)"));
}

TEST(RelativeGate, ComparesWithTheRootWhereItSaysSo) {
  const auto [strong, candidate] = pair_of(1600, 100, 0, 2000);
  JudgeInput input = input_of(candidate, {gate_on(Metric::clean_accuracy, 0.02, Baseline::champion),
                                          gate_on(Metric::clean_accuracy, 0.02, Baseline::root)});
  input.champion = &candidate;
  input.root = &strong;
  const Judgement judgement = judge(input).value();
  EXPECT_TRUE(judgement.gates[0].pass);
  EXPECT_FALSE(judgement.gates[1].pass);
  EXPECT_EQ(judgement.verdict, Verdict::rejected);
  EXPECT_THAT(judgement.reason, HasSubstr("root - "));
}

TEST(RelativeGate, ComparesAverageRadiiExampleByExample) {
  std::vector<CertifiedExample> theirs;
  std::vector<CertifiedExample> ours;
  for (int i = 0; i < 1000; ++i) {
    theirs.push_back(robust(0.1 + 0.0008 * i));
    ours.push_back(robust(0.1 + 0.0008 * i - 0.001 * (i % 7)));
  }
  const Certificate champion = certificate_of(theirs);
  const Certificate candidate = certificate_of(ours);
  std::vector<double> differences;
  double mean = 0.0;
  for (std::size_t i = 0; i < 1000; ++i) {
    differences.push_back(candidate.examples[i].radius - champion.examples[i].radius);
    mean += champion.examples[i].radius / 1000.0;
  }
  const double ceiling = ceiling_of(candidate);
  const double bound = stats::mean_lower(differences, -ceiling, ceiling, 0.05);
  const auto gate_at = [&](double margin) {
    return judged(champion, candidate, gate_on(Metric::acr, margin, Baseline::champion)).gates[0];
  };
  EXPECT_TRUE(gate_at(-bound + 1e-6).pass);
  EXPECT_FALSE(gate_at(-bound - 1e-6).pass);
  EXPECT_NEAR(gate_at(0.1).bound, mean + bound, 1e-12);
  EXPECT_NEAR(gate_at(0.1).required, mean - 0.1, 1e-12);
}

// Over all classes the two are equal; class 1 alone has lost what the others gained.
TEST(RelativeGate, ComparesEveryClassWithItself) {
  std::vector<CertifiedExample> theirs(2000, robust(0.6));
  std::vector<CertifiedExample> ours(2000, robust(0.6));
  for (std::size_t i = 0; i < 2000; ++i) {
    if (i % 4 == 1 && i % 40 == 1) ours[i] = wrong();  // 50 of class 1
    if (i % 4 != 1 && i % 30 < 2 && i % 3 == 0) theirs[i] = wrong();
  }
  const Certificate champion = certificate_of(theirs);
  const Certificate candidate = certificate_of(ours);
  EXPECT_TRUE(judged(champion, candidate, below_champion(0.03)).gates[0].pass);
  const auto per_class = gate_on(Metric::per_class_certified_accuracy, 0.03, Baseline::champion);
  const Judgement judgement = judged(champion, candidate, per_class);
  const Gate& gate = judgement.gates[0];
  EXPECT_FALSE(gate.pass);
  EXPECT_EQ(gate.examples, 500);
  EXPECT_EQ(gate.count, 450);
  EXPECT_EQ(gate.p_value, stats::non_inferiority_p_value(50, 0, 500, 0.03, 0.05));
  EXPECT_THAT(judgement.reason, HasSubstr("worst: class 1"));
  EXPECT_TRUE(judged(champion, candidate,
                     gate_on(Metric::per_class_certified_accuracy, 0.2, Baseline::champion))
                  .gates[0]
                  .pass);
}

// More abstentions are worse: the margin lies above the baseline.
TEST(RelativeGate, HoldsTheAbstainRateToTheBaselinesAndAMargin) {
  std::vector<CertifiedExample> theirs(2000, robust(0.6));
  std::vector<CertifiedExample> ours(2000, robust(0.6));
  for (std::size_t i = 0; i < 40; ++i) theirs[i] = abstaining();
  for (std::size_t i = 10; i < 60; ++i) ours[i] = abstaining();
  const Certificate champion = certificate_of(theirs);
  const Certificate candidate = certificate_of(ours);
  const auto gate_at = [&](double margin) {
    return judged(champion, candidate, gate_on(Metric::abstain_rate, margin, Baseline::champion))
        .gates[0];
  };
  const Gate gate = gate_at(0.03);
  EXPECT_TRUE(gate.pass);
  EXPECT_EQ(gate.p_value, stats::non_inferiority_p_value(20, 10, 2000, 0.03, 0.05));
  EXPECT_DOUBLE_EQ(gate.observed, 0.025);
  EXPECT_EQ(gate.count, 50);
  EXPECT_NEAR(gate.required, 0.05, 1e-12);
  EXPECT_LE(gate.bound, gate.required);
  EXPECT_GT(gate.bound, gate.observed);
  EXPECT_FALSE(gate_at(0.006).pass);
  EXPECT_THAT(
      judged(champion, candidate, gate_on(Metric::abstain_rate, 0.006, Baseline::champion)).reason,
      HasSubstr("abstain_rate is at most champion + 0.01"));
  // The champion against itself passes any margin that pairs can show.
  EXPECT_TRUE(judged(champion, champion, gate_on(Metric::abstain_rate, 0.006, Baseline::champion))
                  .gates[0]
                  .pass);
}

TEST(RelativeGate, IsNeitherPassedNorFailedWithoutABaseline) {
  const auto candidate = planted(960, 1000);
  const auto judgement =
      judge(input_of(candidate, {certified_at(0.5, 0.9), below_champion(0.02)})).value();
  EXPECT_EQ(judgement.verdict, Verdict::promoted);
  EXPECT_EQ(judgement.reason, "promoted: 1 of 1 gates passed (no champion yet)");
  EXPECT_FALSE(judgement.gates[1].applicable);
  EXPECT_FALSE(judgement.gates[1].pass);
  EXPECT_EQ(judgement.gates[1].note, "no champion yet");
  EXPECT_DOUBLE_EQ(judgement.gates[1].observed, 0.96);
  EXPECT_TRUE(judgement.gates[0].applicable);
}

TEST(RelativeGate, StillLetsAnAbsoluteGateRejectTheFirstGeneration) {
  const auto candidate = planted(500, 1000);
  const auto judgement =
      judge(input_of(candidate, {certified_at(0.5, 0.9), below_champion(0.02)})).value();
  EXPECT_EQ(judgement.verdict, Verdict::rejected);
}

TEST(RelativeGate, AloneHoldsTheFirstGeneration) {
  const auto candidate = planted(1000, 1000);
  Threshold dry = certified_at(0.5, 0.5);
  dry.dry_run = true;
  const auto judgement = judge(input_of(candidate, {below_champion(0.02), dry})).value();
  EXPECT_EQ(judgement.verdict, Verdict::held);
  EXPECT_EQ(judgement.reason, "held: no gate applies (no champion yet), a person must decide");
}

}  // namespace
}  // namespace heirloom::policies

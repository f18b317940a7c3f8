#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/stats/binomial.h"
#include "core/stats/bounded_mean.h"
#include "core/stats/certified_accuracy.h"
#include "tests/policies/evidence.h"

namespace heirloom::policies {
namespace {

using testing::HasSubstr;

Judgement judged(const JudgeInput& input) {
  const auto judgement = judge(input);
  EXPECT_TRUE(judgement.has_value()) << (judgement.has_value() ? "" : judgement.error().text());
  return judgement.value_or(Judgement{});
}

TEST(Judge, PromotesWhenEveryGatePasses) {
  const auto candidate = planted(960, 1000);
  const Judgement judgement =
      judged(input_of(candidate, {certified_at(0.5, 0.9), gate_on(Metric::clean_accuracy, 0.9)}));
  EXPECT_EQ(judgement.verdict, Verdict::promoted);
  EXPECT_EQ(judgement.reason, "promoted: 2 of 2 gates passed");
  ASSERT_EQ(judgement.gates.size(), 2u);
  EXPECT_TRUE(judgement.gates[0].pass && judgement.gates[1].pass);
}

TEST(Judge, RejectsWhenOneGateFails) {
  const auto candidate = planted(960, 1000);
  const Judgement judgement =
      judged(input_of(candidate, {certified_at(0.5, 0.9), certified_at(0.7, 0.1)}));
  EXPECT_EQ(judgement.verdict, Verdict::rejected);
  EXPECT_TRUE(judgement.gates[0].pass);
  EXPECT_FALSE(judgement.gates[1].pass);
  EXPECT_EQ(judgement.gates[1].count, 0);
}

TEST(Judge, GivesAReasonThatAPersonUnderstands) {
  const auto candidate = planted(846, 1000);
  const Judgement judgement = judged(input_of(candidate, {certified_at(0.5, 0.9)}, 6.25e-4));
  EXPECT_EQ(judgement.reason,
            "rejected: certified_accuracy at 0.50 is at least 0.805 with confidence 0.9994, needs "
            "0.900 (observed 0.846 of 1000)");
}

TEST(Judge, CountsTheOtherFailuresInItsReason) {
  const auto candidate = planted(846, 1000);
  const Judgement judgement =
      judged(input_of(candidate, {certified_at(0.5, 0.9), certified_at(0.25, 0.95),
                                  gate_on(Metric::clean_accuracy, 0.5)}));
  EXPECT_THAT(judgement.reason, HasSubstr("; 2 of 3 gates failed"));
}

// The point estimate is 0.905, above 0.9: a judge that compared it would promote.
TEST(Judge, DecidesByTheBoundAndNotByTheObservedShare) {
  const auto candidate = planted(905, 1000);
  const Judgement judgement = judged(input_of(candidate, {certified_at(0.5, 0.9)}));
  EXPECT_EQ(judgement.verdict, Verdict::rejected);
  EXPECT_DOUBLE_EQ(judgement.gates[0].observed, 0.905);
  EXPECT_LT(judgement.gates[0].bound, 0.9);
  EXPECT_EQ(judgement.gates[0].required, 0.9);
}

TEST(Judge, PassesFromTheSmallestPassingCountOn) {
  for (const double level : {0.05, 6.25e-4, 6.4e-7}) {
    const std::int64_t smallest = stats::smallest_passing_count(1000, 0.9, level, 0.001);
    const auto enough = planted(static_cast<std::size_t>(smallest), 1000);
    const auto one_less = planted(static_cast<std::size_t>(smallest - 1), 1000);
    const Gate gate = judged(input_of(enough, {certified_at(0.5, 0.9)}, level)).gates[0];
    EXPECT_TRUE(gate.pass);
    EXPECT_GE(gate.bound, 0.9);
    EXPECT_LE(gate.p_value, level);
    const Gate less = judged(input_of(one_less, {certified_at(0.5, 0.9)}, level)).gates[0];
    EXPECT_FALSE(less.pass);
    EXPECT_LT(less.bound, 0.9);
  }
}

// A count that passes by the plain binomial test and not once alpha is paid for.
TEST(Judge, PaysForTheLevelOfEachExample) {
  auto candidate = planted(2000, 2000);
  candidate.protocol.alpha = 0.05;
  std::int64_t plain = 0;
  while (stats::binomial_at_least(plain, 2000, 0.5) > 0.05) ++plain;
  auto tight = planted(static_cast<std::size_t>(plain), 2000);
  tight.protocol.alpha = 0.05;
  EXPECT_FALSE(judged(input_of(tight, {certified_at(0.5, 0.5)})).gates[0].pass);
}

TEST(Judge, TakesCleanAccuracyAsCertifiedAccuracyAtRadiusZero) {
  std::vector<certificate::CertifiedExample> examples(600, robust(0.0));
  examples.resize(620, abstaining());
  examples.resize(640, wrong());
  const auto candidate = certificate_of(examples);
  const Gate gate = judged(input_of(candidate, {gate_on(Metric::clean_accuracy, 0.9)})).gates[0];
  EXPECT_EQ(gate.count, 600);
  EXPECT_EQ(gate.examples, 640);
  EXPECT_EQ(gate.bound, stats::certified_share_lower(600, 640, 0.05, 0.001));
  EXPECT_TRUE(gate.pass);
}

TEST(Judge, JudgesEveryClassAtTheFullLevel) {
  // Class 1 certifies 75 of 100, the others all.
  std::vector<certificate::CertifiedExample> examples(400, robust(0.6));
  for (std::size_t i = 0; i < 25; ++i) examples[4 * i + 1] = wrong();
  const auto candidate = certificate_of(examples);
  const double bound = stats::certified_share_lower(75, 100, 0.05, 0.001);
  const auto gate_at = [&](double value) {
    return judged(input_of(candidate, {gate_on(Metric::per_class_certified_accuracy, value)}))
        .gates[0];
  };
  const Gate pass = gate_at(bound - 1e-3);
  EXPECT_TRUE(pass.pass) << "a correction for the number of classes was made";
  EXPECT_EQ(pass.bound, bound);
  EXPECT_DOUBLE_EQ(pass.observed, 0.75);
  EXPECT_EQ(pass.count, 75);
  EXPECT_EQ(pass.examples, 100);
  EXPECT_THAT(pass.note, HasSubstr("class 1"));
  EXPECT_FALSE(gate_at(bound + 1e-3).pass) << "the mean of the classes passes, the worst does not";
}

TEST(Judge, NamesTheWorstClassInItsReason) {
  std::vector<certificate::CertifiedExample> examples(400, robust(0.6));
  for (std::size_t i = 0; i < 25; ++i) examples[4 * i + 1] = wrong();
  const auto candidate = certificate_of(examples);
  const Judgement judgement =
      judged(input_of(candidate, {gate_on(Metric::per_class_certified_accuracy, 0.9)}));
  EXPECT_THAT(judgement.reason, HasSubstr("per_class_certified_accuracy at 0.50 is at least 0.66"));
  EXPECT_THAT(judgement.reason, HasSubstr("worst: class 1, 75 of 100"));
}

TEST(Judge, FailsAClassWithoutExamples) {
  auto candidate = planted(400, 400);
  for (auto& example : candidate.examples) {
    if (example.label == 2) example.label = example.predicted = 1;
  }
  const Judgement judgement =
      judged(input_of(candidate, {gate_on(Metric::per_class_certified_accuracy, 0.5)}));
  EXPECT_EQ(judgement.verdict, Verdict::rejected);
  EXPECT_FALSE(judgement.gates[0].pass);
  EXPECT_EQ(judgement.gates[0].bound, 0.0);
  EXPECT_THAT(judgement.gates[0].note, HasSubstr("no example of class 2"));
  EXPECT_THAT(judgement.reason, HasSubstr("no example of class 2"));
}

TEST(Judge, HoldsTheAbstainRateToItsUpperBound) {
  std::vector<certificate::CertifiedExample> examples(970, robust(0.6));
  examples.resize(1000, abstaining());
  const auto candidate = certificate_of(examples);
  const Gate gate = judged(input_of(candidate, {gate_on(Metric::abstain_rate, 0.05)})).gates[0];
  EXPECT_EQ(gate.count, 30);
  EXPECT_DOUBLE_EQ(gate.observed, 0.03);
  EXPECT_EQ(gate.bound, stats::share_upper(30, 1000, 0.05));
  EXPECT_GT(gate.bound, 0.03);
  EXPECT_TRUE(gate.pass);
  // Observed 0.03 is at most 0.035, but its bound is not.
  const Judgement close = judged(input_of(candidate, {gate_on(Metric::abstain_rate, 0.035)}));
  EXPECT_FALSE(close.gates[0].pass);
  EXPECT_THAT(close.reason, HasSubstr("abstain_rate is at most 0.041 with confidence 0.95, needs "
                                      "0.035 (observed 0.030 of 1000)"));
}

TEST(Judge, HoldsTheAverageRadiusToItsBoundLessAlpha) {
  std::vector<certificate::CertifiedExample> examples;
  for (int i = 0; i < 1000; ++i) {
    examples.push_back(i % 10 == 0 ? wrong() : robust(0.2 + 0.0005 * i));
  }
  const auto candidate = certificate_of(examples);
  std::vector<double> radii;
  for (const auto& example : candidate.examples) {
    radii.push_back(example.correct() ? example.radius : 0.0);
  }
  const double ceiling = ceiling_of(candidate);
  const double bound = stats::mean_lower(radii, 0.0, ceiling, 0.05) - 0.001 * ceiling;
  const auto gate_at = [&](double value) {
    return judged(input_of(candidate, {gate_on(Metric::acr, value)})).gates[0];
  };
  EXPECT_DOUBLE_EQ(gate_at(0.1).bound, bound);
  EXPECT_TRUE(gate_at(bound - 1e-6).pass);
  EXPECT_FALSE(gate_at(bound + 1e-6).pass);
  EXPECT_GT(gate_at(0.1).observed, bound);
}

TEST(Judge, ShowsDryRunsButGivesThemNoSay) {
  const auto candidate = planted(960, 1000);
  Threshold dry = certified_at(0.7, 0.9);
  dry.dry_run = true;
  const Judgement judgement = judged(input_of(candidate, {certified_at(0.5, 0.9), dry}));
  EXPECT_EQ(judgement.verdict, Verdict::promoted);
  EXPECT_EQ(judgement.reason, "promoted: 1 of 1 gates passed");
  EXPECT_FALSE(judgement.gates[1].pass);
}

TEST(Judge, HoldsWhatOnlyDryRunsSpeakFor) {
  const auto candidate = planted(1000, 1000);
  Threshold dry = certified_at(0.5, 0.5);
  dry.dry_run = true;
  const Judgement judgement = judged(input_of(candidate, {dry}));
  EXPECT_TRUE(judgement.gates[0].pass);
  EXPECT_EQ(judgement.verdict, Verdict::held);
}

TEST(Judge, KeepsTheOrderAndTheRowsOfItsThresholds) {
  const auto candidate = planted(960, 1000);
  std::vector<Threshold> thresholds{certified_at(0.25, 0.5), certified_at(0.5, 0.5)};
  thresholds[0].id = 41;
  thresholds[1].id = 7;
  const Judgement judgement = judged(input_of(candidate, thresholds));
  EXPECT_EQ(judgement.gates[0].threshold, thresholds[0]);
  EXPECT_EQ(judgement.gates[1].threshold, thresholds[1]);
}

// Each bound falls short of its threshold by less than it is printed to.
TEST(Judge, NeverPrintsABoundThatReadsAsEnough) {
  for (std::size_t count = 900; count < 940; ++count) {
    const auto candidate = planted(count, 1000);
    const double bound =
        stats::certified_share_lower(static_cast<std::int64_t>(count), 1000, 0.05, 0.001);
    const double threshold = std::ceil(bound * 1000.0) / 1000.0;
    const Judgement judgement = judged(input_of(candidate, {certified_at(0.5, threshold)}));
    ASSERT_EQ(judgement.verdict, Verdict::rejected);
    EXPECT_THAT(judgement.reason, HasSubstr(fmt::format("is at least {:.3f}", threshold - 0.001)));
    EXPECT_THAT(judgement.reason, HasSubstr(fmt::format("needs {:.3f}", threshold)));
  }
}

Judgement judged_under_attack(std::size_t certified, std::vector<std::uint32_t> broken) {
  const auto candidate = planted(certified, 1000);
  const certificate::Falsification attack{20, 20, std::move(broken)};
  JudgeInput input = input_of(candidate, {certified_at(0.5, 0.9)});
  input.falsification = &attack;
  return judged(input);
}

TEST(Judge, AnAttackThatBrokeNothingChangesNothing) {
  EXPECT_EQ(judged_under_attack(960, {}).reason, "promoted: 1 of 1 gates passed");
}

TEST(Judge, OneBrokenCertificateIsHeldAndNamed) {
  const Judgement judgement = judged_under_attack(960, {17});
  EXPECT_EQ(judgement.verdict, Verdict::held);
  EXPECT_EQ(judgement.reason,
            "held: an attack broke 1 of 20 certificates (example 17), a person must decide");
  EXPECT_TRUE(judgement.gates[0].pass);
}

TEST(Judge, MoreBrokenCertificatesThanAlphaExplainsAreRejected) {
  const Judgement judgement = judged_under_attack(960, {3, 17});
  EXPECT_EQ(judgement.verdict, Verdict::rejected);
  EXPECT_EQ(judgement.reason,
            "rejected: an attack broke 2 of 20 certificates (examples 3, 17), more than alpha "
            "0.001 explains");
}

// A break must not turn what its gates reject into something that a person may approve.
TEST(Judge, ABreakDoesNotSaveACandidateThatItsGatesReject) {
  const Judgement judgement = judged_under_attack(500, {17});
  EXPECT_EQ(judgement.verdict, Verdict::rejected);
  EXPECT_THAT(judgement.reason, HasSubstr("certified_accuracy at 0.50"));
}

TEST(Judge, NamesAFewOfManyBrokenCertificates) {
  std::vector<std::uint32_t> many(20);
  for (std::uint32_t i = 0; i < 20; ++i) many[i] = i;
  EXPECT_THAT(judged_under_attack(960, many).reason, HasSubstr("8, 9 and 10 more)"));
}

}  // namespace
}  // namespace heirloom::policies

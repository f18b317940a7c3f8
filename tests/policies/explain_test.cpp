#include "policies/explain.h"

#include <gtest/gtest.h>

#include "tests/policies/evidence.h"

namespace heirloom::policies {
namespace {

Gate judged(const certificate::Certificate& candidate, const Threshold& threshold,
            const certificate::Certificate* champion = nullptr) {
  JudgeInput input = input_of(candidate, {threshold}, 0.01);
  input.champion = champion;
  return judge(input)->gates[0];
}

std::optional<std::int64_t> decided_by(const Gate& gate, std::size_t n) {
  return examples_that_decide(gate, static_cast<std::int64_t>(n), 0.01, 0.001);
}

// With as many as it says the same share passes; with a tenth less it does not.
TEST(ExamplesThatDecide, AreEnoughAndNotManyMoreThanEnough) {
  const Gate gate = judged(planted(920, 1000), certified_at(0.5, 0.91));
  ASSERT_FALSE(gate.pass);
  const auto needed = decided_by(gate, 1000);
  ASSERT_TRUE(needed.has_value());
  EXPECT_GT(*needed, 1000);
  const auto passes = [](std::int64_t n) {
    const auto certified = static_cast<std::size_t>(0.92 * static_cast<double>(n));
    return judged(planted(certified, static_cast<std::size_t>(n)), certified_at(0.5, 0.91)).pass;
  };
  EXPECT_TRUE(passes(*needed * 21 / 20));
  EXPECT_FALSE(passes(*needed * 9 / 10));
}

TEST(ExamplesThatDecide, AreNoneWhereTheShareItselfIsTooSmall) {
  EXPECT_FALSE(decided_by(judged(planted(905, 1000), certified_at(0.5, 0.91)), 1000).has_value());
}

TEST(ExamplesThatDecide, AreThoseThatWereThereWhereTheGatePassed) {
  EXPECT_EQ(decided_by(judged(planted(980, 1000), certified_at(0.5, 0.91)), 1000), 1000);
}

TEST(ExamplesThatDecide, CountTheWholeHoldoutForAGateOnEachClass) {
  const auto candidate = planted(460, 500);
  Gate gate = judged(candidate, gate_on(Metric::per_class_certified_accuracy, 0.88));
  ASSERT_FALSE(gate.pass);
  gate.count = 115;  // of 125 of its class
  gate.examples = 125;
  const auto needed = decided_by(gate, 500);
  ASSERT_TRUE(needed.has_value());
  EXPECT_GT(*needed, 4 * 125);
}

TEST(ExamplesThatDecide, OfAPairedGateFollowFromTheDisagreements) {
  std::vector<certificate::CertifiedExample> theirs(500, robust(0.6));
  std::vector<certificate::CertifiedExample> ours(500, robust(0.6));
  for (std::size_t i = 0; i < 5; ++i) theirs[i] = wrong();
  for (std::size_t i = 10; i < 15; ++i) ours[i] = wrong();
  const auto champion = certificate_of(theirs);
  const auto candidate = certificate_of(ours);
  const Gate gate =
      judged(candidate, gate_on(Metric::certified_accuracy, 0.01, Baseline::champion), &champion);
  ASSERT_FALSE(gate.pass);
  const auto needed = decided_by(gate, 500);
  ASSERT_TRUE(needed.has_value());
  EXPECT_GT(*needed, 600);
  EXPECT_LT(*needed, 5000);
}

TEST(ExamplesThatDecide, AreUnknownOfAveragesAndCosts) {
  EXPECT_FALSE(decided_by(judged(planted(900, 1000), gate_on(Metric::acr, 0.9)), 1000));
  EXPECT_FALSE(decided_by(judged(planted(900, 1000), gate_on(Metric::training_cost, 1)), 1000));
}

}  // namespace
}  // namespace heirloom::policies

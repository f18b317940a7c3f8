#include "core/certificate/falsification.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heirloom::certificate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Examples 0 to n - 1 of class 1, certified at radius 0.5.
Certificate certified(std::uint32_t n) {
  Certificate certificate;
  for (std::uint32_t i = 0; i < n; ++i) {
    certificate.examples.push_back({.index = i, .label = 1, .predicted = 1, .radius = 0.5});
  }
  return certificate;
}

std::vector<std::uint32_t> indices_of(const AttackPlan& plan) {
  std::vector<std::uint32_t> indices;
  for (const AttackTarget& target : plan.targets) indices.push_back(target.index);
  return indices;
}

// A row of 10,000 draws, `votes` of them for the claimed class.
AttackRow row_of(const AttackTarget& target, std::uint32_t votes) {
  AttackRow row{target, target.epsilon, kConfirmDraws, {0, 0, 0}};
  row.votes[static_cast<std::size_t>(target.claimed)] = votes;
  row.votes[0] = kConfirmDraws - votes;
  return row;
}

// 20 targets, of which the first `broken` have next to no votes for their class.
std::pair<AttackPlan, std::vector<AttackRow>> attack_on(std::size_t broken) {
  std::vector<std::uint32_t> order(20);
  for (std::uint32_t i = 0; i < 20; ++i) order[i] = i;
  std::pair<AttackPlan, std::vector<AttackRow>> out;
  out.first = plan_attack(certified(20), order, 20);
  for (std::size_t i = 0; i < 20; ++i) {
    out.second.push_back(row_of(out.first.targets[i], i < broken ? 100 : 9000));
  }
  return out;
}

TEST(AttackPlan, TakesTheFirstOfTheOrderAndListsThemAscending) {
  const std::vector<std::uint32_t> order = {4, 0, 3, 1, 2};
  EXPECT_THAT(indices_of(plan_attack(certified(5), order, 3)), ElementsAre(0, 3, 4));
}

TEST(AttackPlan, AttacksJustInsideTheRadius) {
  const std::vector<std::uint32_t> order = {0};
  const AttackTarget target = plan_attack(certified(1), order, 1).targets.at(0);
  EXPECT_DOUBLE_EQ(target.epsilon, 0.4995);
  EXPECT_EQ(target.claimed, 1);
}

// Wrong, abstaining and radius-0 examples claim nothing, but they were looked at.
TEST(AttackPlan, PassesOverExamplesWithoutAClaim) {
  Certificate certificate = certified(6);
  certificate.examples[0].predicted = 2;
  certificate.examples[1].predicted = kAbstain;
  certificate.examples[1].radius = 0.0;
  certificate.examples[2].radius = 0.0;
  const std::vector<std::uint32_t> order = {0, 1, 2, 3, 99, 4, 5};
  const AttackPlan plan = plan_attack(certificate, order, 2);
  EXPECT_THAT(indices_of(plan), ElementsAre(3, 4));
  EXPECT_EQ(plan.drawn, 5U);
  EXPECT_EQ(plan_attack(certificate, order, 100).targets.size(), 3U);
}

TEST(AttackRows, SurviveARoundTrip) {
  const std::vector<AttackRow> rows = {{{
                                            17,
                                            3,
                                            0.1 + 0.2,
                                        },
                                        0.29999,
                                        10000,
                                        {0, 41, 0, 9958}},
                                       {{18, 0, 1e-9}, 0.0, 10000, {1, 2, 3, 4}}};
  const auto read = attack_from_tsv(attack_to_tsv(rows), "attack.tsv");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(*read, rows);
  EXPECT_TRUE(attack_from_tsv(attack_to_tsv({}), "attack.tsv")->empty());
}

TEST(AttackRows, AreReadStrictly) {
  const std::string text = attack_to_tsv(attack_on(0).second);
  EXPECT_FALSE(attack_from_tsv("", "a").has_value());
  EXPECT_FALSE(attack_from_tsv(text.substr(0, text.size() - 1), "a").has_value());
  EXPECT_FALSE(attack_from_tsv(text + "1\t2\n", "a").has_value());
  const auto read = attack_from_tsv(text + "1\t1\t0.5\tnear\t10000\t1,2\n", "a");
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().message, HasSubstr("a:22: distance"));
}

TEST(Falsification, IsBrokenOnlyWhereTheClassHasClearlyLost) {
  auto [plan, rows] = attack_on(2);
  const auto outcome = conclude_attack(plan, rows, 0.001);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().text();
  EXPECT_THAT(outcome->broken, ElementsAre(0, 1));
  EXPECT_EQ(outcome->attacked, 20U);
}

// At alpha / 20 = 5e-5 the line is 3.89 standard deviations of 50 votes below one half: a test at
// alpha alone, or a look at the majority, would draw it elsewhere.
TEST(Falsification, ConfirmsAtAlphaDividedByTheNumberOfTests) {
  auto [plan, rows] = attack_on(0);
  rows[5] = row_of(plan.targets[5], 4800);
  rows[6] = row_of(plan.targets[6], 4812);
  rows[7] = row_of(plan.targets[7], 4999);
  EXPECT_THAT(conclude_attack(plan, rows, 0.001)->broken, ElementsAre(5));
}

TEST(Falsification, RefusesRowsThatWereNotAskedForOrCannotBe) {
  const auto [plan, rows] = attack_on(0);
  const auto refused = [&, &plan = plan, &rows = rows](const auto& change) {
    std::vector<AttackRow> changed = rows;
    change(changed);
    return !conclude_attack(plan, changed, 0.001).has_value();
  };
  EXPECT_TRUE(refused([](auto& r) { r.pop_back(); }));
  EXPECT_TRUE(refused([](auto& r) { std::swap(r[0], r[1]); }));
  EXPECT_TRUE(refused([](auto& r) { r[3].target.claimed = 2; }));
  EXPECT_TRUE(refused([](auto& r) { r[3].target.epsilon = 0.6; }));
  EXPECT_TRUE(refused([](auto& r) { r[3].distance = 0.4996; }));
  EXPECT_TRUE(refused([](auto& r) { r[3].draws = 100; }));
  EXPECT_TRUE(refused([](auto& r) { r[3].votes[2] = 1; })) << "more votes than draws";
  EXPECT_TRUE(refused([](auto& r) { r[3].votes = {9000}; }));
}

// P(Bin(20, .001) >= 1) = .0198 and P(Bin(20, .001) >= 2) = .00019: one break is luck.
TEST(Falsification, TwoBreaksOfTwentyAreMoreThanAlphaAllowsAndOneIsNot) {
  for (const std::size_t breaks : {0U, 1U, 2U, 20U}) {
    const auto [plan, rows] = attack_on(breaks);
    EXPECT_EQ(refutes_alpha(*conclude_attack(plan, rows, 0.001), 0.001), breaks >= 2) << breaks;
  }
}

// Of 1000 examples looked at, one false certificate is expected.
TEST(Falsification, CountsEveryExampleThatWasLookedAt) {
  const Falsification few{.drawn = 20, .attacked = 20, .broken = {1, 2}};
  const Falsification many{.drawn = 1000, .attacked = 20, .broken = {1, 2}};
  EXPECT_TRUE(refutes_alpha(few, 0.001));
  EXPECT_FALSE(refutes_alpha(many, 0.001));
}

}  // namespace
}  // namespace heirloom::certificate

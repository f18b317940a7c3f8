#include "core/certificate/stopping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "core/stats/binomial.h"
#include "core/stats/smoothing.h"

namespace heirloom::certificate {
namespace {

using testing::HasSubstr;

Protocol sample_protocol(Mode mode, std::uint64_t n = 10000) {
  Protocol protocol;
  protocol.mode = mode;
  protocol.n0 = mode == Mode::gate ? 0 : 100;
  protocol.n = n;
  protocol.alpha = 0.001;
  protocol.sigma = 0.5;
  if (mode == Mode::gate) protocol.radii = {0.0, 0.5, 1.0};
  if (mode == Mode::adaptive) protocol.tolerance = 0.1;
  return protocol;
}

StoppingRule rule_for(const Protocol& protocol) {
  return StoppingRule::create(protocol, 3).value();
}

// An example whose draws fall into class 1 with probability p, and else into class 0, run to its
// stop. The label is 1 and so is the selected class, unless told otherwise.
ExampleCounts run(const StoppingRule& rule, const Protocol& protocol, double p,
                  std::mt19937_64& generator, std::vector<std::uint32_t> select = {10, 90, 0}) {
  ExampleCounts row{
      7, 1, protocol.n0 > 0 ? std::move(select) : std::vector<std::uint32_t>{}, {0, 0, 0}};
  std::bernoulli_distribution hit(p);
  std::uint32_t drawn = 0;
  for (std::size_t look = 0;; ++look) {
    for (; drawn < rule.looks()[look]; ++drawn) ++row.estimate[hit(generator) ? 1 : 0];
    if (rule.settle(look, row)) return row;
  }
}

ExampleCounts run(const Protocol& protocol, double p, std::uint64_t seed,
                  std::vector<std::uint32_t> select = {10, 90, 0}) {
  std::mt19937_64 generator(seed);
  return run(rule_for(protocol), protocol, p, generator, std::move(select));
}

CertifiedExample certified(const Protocol& protocol, const ExampleCounts& row) {
  return rule_for(protocol).conclude(row).value();
}

TEST(GateMode, StopsWhenEveryRadiusIsDecidedAndKeepsEachOnesLook) {
  const Protocol protocol = sample_protocol(Mode::gate);
  const ExampleCounts row = run(protocol, 0.999, 1);
  ASSERT_EQ(row.stops.size(), 3U);
  EXPECT_LT(row.stops[0].draws, 40U);  // p0 = 1/2 is soon decided
  EXPECT_LT(row.stops[0].draws, row.stops[1].draws);
  EXPECT_LT(row.stops[1].draws, row.stops[2].draws);
  EXPECT_LT(row.stops[2].draws, 2000U);
  EXPECT_EQ(row.estimate[0] + row.estimate[1], row.stops[2].draws);
  EXPECT_EQ(row.stops[2].hits, row.estimate[1]);
  const CertifiedExample example = certified(protocol, row);
  EXPECT_EQ(example.radius, 1.0);
  EXPECT_TRUE(example.certified_at(1.0));
  EXPECT_EQ(example.draws, row.stops[2].draws);
  EXPECT_EQ(example.p_lower, stats::normal_cdf(2.0));
}

TEST(GateMode, CertifiesUpToTheLargestRadiusThatIsDecidedForIt) {
  const Protocol protocol = sample_protocol(Mode::gate);
  // Phi(1) = 0.841 < 0.93 < 0.977 = Phi(2).
  const CertifiedExample example = certified(protocol, run(protocol, 0.93, 2));
  EXPECT_EQ(example.radius, 0.5);
  EXPECT_TRUE(example.certified_at(0.5));
  EXPECT_FALSE(example.certified_at(0.75));
}

TEST(GateMode, ARadiusBeyondAFailedOneIsNoClaimAndNeedsNoDraws) {
  const Protocol protocol = sample_protocol(Mode::gate);
  ExampleCounts row = run(protocol, 0.6, 3);
  EXPECT_LE(row.stops[2].draws, row.stops[1].draws);
  EXPECT_EQ(certified(protocol, row).radius, 0.0);
  EXPECT_EQ(certified(protocol, row).predicted, 1);
  // Even where the larger radius' own counts would do.
  row.stops[2] = {1000, 1000};
  row.estimate = {0, 1000, 0};
  EXPECT_EQ(certified(protocol, row).radius, 0.0);
}

TEST(GateMode, AsksAboutTheLabelWhateverIsMostFrequent) {
  const Protocol protocol = sample_protocol(Mode::gate);
  const CertifiedExample example = certified(protocol, run(protocol, 0.02, 4));
  EXPECT_EQ(example.predicted, kAbstain);
  EXPECT_FALSE(example.correct());
  EXPECT_EQ(example.p_lower, 0.0);
}

TEST(GateMode, DecidesTheSelectedClassToo) {
  Protocol protocol = sample_protocol(Mode::gate);
  protocol.n0 = 100;
  // Class 0 is selected and is right 98 times in 100: not abstained, and wrong.
  const ExampleCounts wrong = run(protocol, 0.02, 5, {90, 10, 0});
  ASSERT_EQ(wrong.stops.size(), 4U);
  EXPECT_EQ(certified(protocol, wrong).predicted, 0);
  EXPECT_FALSE(certified(protocol, wrong).certified_at(0.0));
  // Nothing can be said of a class with half of the draws.
  EXPECT_EQ(certified(protocol, run(protocol, 0.5, 6)).predicted, kAbstain);
  // A poor selection takes nothing from the label.
  EXPECT_EQ(certified(protocol, run(protocol, 0.999, 7, {90, 10, 0})).radius, 1.0);
}

TEST(GateMode, WhatTheCapCannotDecideIsNotCertified) {
  Protocol protocol = sample_protocol(Mode::gate, 16);
  protocol.radii = {0.0};
  const StoppingRule rule = rule_for(protocol);
  ASSERT_EQ(rule.looks(), (std::vector<std::uint32_t>{8, 16}));
  // 14 of 16 draws are not enough for more than 1/2 at half of alpha, and 15 are.
  for (const std::uint32_t hits : {14U, 15U}) {
    ExampleCounts row{7, 1, {}, {1, 7, 0}};
    ASSERT_FALSE(rule.settle(0, row));
    row.estimate = {16 - hits, hits, 0};
    ASSERT_TRUE(rule.settle(1, row));
    EXPECT_EQ(row.stops[0], (Stop{16, hits}));
    EXPECT_EQ(rule.conclude(row)->predicted, hits == 15 ? 1 : kAbstain);
  }
}

// 10,000 examples planted at the edge of radius 1: certified with level alpha over all looks, plus
// three standard errors.
TEST(GateMode, KeepsAlphaForAnExampleAtTheEdge) {
  Protocol protocol = sample_protocol(Mode::gate, 3000);
  protocol.alpha = 0.02;
  const StoppingRule rule = rule_for(protocol);
  std::mt19937_64 generator(9);
  int false_claims = 0;
  for (int i = 0; i < 10000; ++i) {
    const ExampleCounts row = run(rule, protocol, stats::normal_cdf(2.0), generator);
    false_claims += rule.conclude(row)->radius >= 1.0 ? 1 : 0;
  }
  EXPECT_LE(false_claims, 200 + 3 * 14);
  EXPECT_GT(false_claims, 20);
}

TEST(AdaptiveMode, StopsWhenTheRadiusIsKnownAndSaysNoMoreThanItKnows) {
  const Protocol protocol = sample_protocol(Mode::adaptive, 100000);
  const ExampleCounts row = run(protocol, 0.98, 10);
  ASSERT_EQ(row.stops.size(), 1U);
  EXPECT_LT(row.stops[0].draws, 30000U);
  const CertifiedExample example = certified(protocol, row);
  const double truth = 0.5 * stats::normal_quantile(0.98);
  EXPECT_EQ(example.predicted, 1);
  EXPECT_LT(example.radius, truth);
  EXPECT_GT(example.radius, truth - 0.1);
  EXPECT_EQ(example.p_lower, stats::anytime_lower(row.stops[0].hits, row.stops[0].draws, 0.0005));
}

TEST(AdaptiveMode, GivesUpOnWhatCannotBeCertifiedAndGoesOnAtTheTop) {
  const Protocol protocol = sample_protocol(Mode::adaptive, 20000);
  const ExampleCounts lost = run(protocol, 0.3, 11);
  EXPECT_LT(lost.stops[0].draws, 500U);
  EXPECT_EQ(certified(protocol, lost).predicted, kAbstain);
  // All draws agree: the radius is known once the ceiling is within reach.
  const ExampleCounts all = run(protocol, 1.0, 12);
  EXPECT_GT(certified(protocol, all).radius, radius_ceiling(protocol) - 0.1 - 1e-9);
}

TEST(AdaptiveMode, AtTheCapTheExactBoundCountsToo) {
  const Protocol protocol = sample_protocol(Mode::adaptive, 500);
  const ExampleCounts row = run(protocol, 0.9, 13);
  ASSERT_EQ(row.stops[0].draws, 500U);
  EXPECT_EQ(certified(protocol, row).p_lower,
            stats::clopper_pearson_lower(row.stops[0].hits, 500, 0.0005));
}

TEST(AdaptiveMode, SelectsByTheSelectionDrawsAlone) {
  const Protocol protocol = sample_protocol(Mode::adaptive, 500);
  EXPECT_EQ(certified(protocol, run(protocol, 0.9, 14, {90, 10, 0})).predicted, kAbstain);
}

// 2,000 runs: the bound at the stop exceeds the truth with probability alpha at most, plus three
// standard errors.
TEST(AdaptiveMode, ItsBoundHoldsAtItsOwnStop) {
  Protocol protocol = sample_protocol(Mode::adaptive, 600);
  protocol.alpha = 0.05;
  protocol.tolerance = 0.3;
  const StoppingRule rule = rule_for(protocol);
  std::mt19937_64 generator(15);
  int missed = 0;
  int early = 0;
  for (int i = 0; i < 2000; ++i) {
    const ExampleCounts row = run(rule, protocol, 0.95, generator);
    missed += rule.conclude(row)->p_lower > 0.95 ? 1 : 0;
    early += row.stops[0].draws < 600 ? 1 : 0;
  }
  EXPECT_LE(missed, 100 + 3 * 10);
  EXPECT_GT(early, 50);
}

TEST(Conclude, RefusesStopsThatTheRuleCannotHaveLedTo) {
  const Protocol protocol = sample_protocol(Mode::gate);
  const StoppingRule rule = rule_for(protocol);
  const ExampleCounts good = run(protocol, 0.999, 16);
  const auto refusal = [&](const std::function<void(ExampleCounts&)>& change) {
    ExampleCounts row = good;
    change(row);
    const auto concluded = rule.conclude(row);
    return concluded.has_value() ? std::string("nothing") : concluded.error().message;
  };
  EXPECT_EQ(refusal([](ExampleCounts&) {}), "nothing");
  EXPECT_THAT(refusal([](auto& row) { row.stops.pop_back(); }), HasSubstr("more than its"));
  EXPECT_THAT(refusal([](auto& row) { row.stops.push_back(row.stops[2]); }),
              HasSubstr("4 stops instead of 3"));
  EXPECT_THAT(refusal([](auto& row) { ++row.stops[1].draws; }), HasSubstr("no look"));
  EXPECT_THAT(refusal([](auto& row) { row.stops[2].hits += 5; }), HasSubstr("no look"));
  EXPECT_THAT(refusal([](auto& row) { row.estimate[1] += 5; }), HasSubstr("more than its"));
  EXPECT_THAT(refusal([](auto& row) { row.select = {1, 2, 3}; }), HasSubstr("selection draws"));
  EXPECT_THAT(refusal([](auto& row) { row.stops[0].draws = 0; }), HasSubstr("no look"));
}

TEST(Protocol, RefusesRadiiThatCannotBeDecided) {
  const auto refusal = [](std::vector<double> radii) {
    Protocol protocol = sample_protocol(Mode::gate);
    protocol.radii = std::move(radii);
    const auto checked = check_protocol(protocol, 3);
    return checked.has_value() ? std::string("nothing") : checked.error().message;
  };
  EXPECT_EQ(refusal({0.0, 1.0}), "nothing");
  EXPECT_THAT(refusal({}), HasSubstr("begin with 0"));
  EXPECT_THAT(refusal({0.5}), HasSubstr("begin with 0"));
  EXPECT_THAT(refusal({0.0, 1.0, 1.0}), HasSubstr("ascend"));
  EXPECT_THAT(refusal({0.0, 1.8}), HasSubstr("is not below 1.58"));
}

TEST(Protocol, IdCoversWhatEachModeDependsOn) {
  Protocol gate = sample_protocol(Mode::gate);
  const base::Digest id = gate.id();
  EXPECT_EQ(Protocol::from_json(gate.to_json())->id(), id);
  EXPECT_EQ(Protocol::from_json(gate.to_json())->radii, gate.radii);
  gate.precision = "bf16";  // the classifier's
  EXPECT_EQ(gate.id(), id);
  EXPECT_EQ(Protocol::from_json(gate.to_json())->precision, "bf16");
  gate.radii.push_back(1.25);
  EXPECT_NE(gate.id(), id);
  gate = sample_protocol(Mode::gate);
  gate.grid = true;
  EXPECT_NE(gate.id(), id);
  EXPECT_TRUE(Protocol::from_json(gate.to_json())->grid);
  Protocol adaptive = sample_protocol(Mode::adaptive);
  const base::Digest other = adaptive.id();
  adaptive.tolerance = 0.06;
  EXPECT_NE(adaptive.id(), other);
  EXPECT_EQ(Protocol::from_json(adaptive.to_json())->tolerance, 0.06);
}

}  // namespace
}  // namespace heirloom::certificate

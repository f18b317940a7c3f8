#include "core/stats/sequential.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/stats/binomial.h"
#include "core/stats/smoothing.h"
#include "tests/stats/simulation.h"

namespace heirloom::stats {
namespace {

// The mixture by Simpson's rule over p = sin^2(angle), which makes Beta(1/2, 1/2) uniform.
double integrated_evidence(int successes, int draws, double p0, bool above) {
  constexpr int kSteps = 20000;
  const double cut = std::asin(std::sqrt(p0));
  const double from = above ? cut : 0.0;
  const double to = above ? std::acos(0.0) : cut;
  double sum = 0.0;
  for (int i = 0; i <= kSteps; ++i) {
    const double s = std::sin(from + (to - from) * i / kSteps);
    const double p = s * s;
    const double weight = i == 0 || i == kSteps ? 1.0 : (i % 2 == 1 ? 4.0 : 2.0);
    sum += weight * std::pow(p / p0, successes) * std::pow((1 - p) / (1 - p0), draws - successes);
  }
  return std::log(sum / (3.0 * kSteps));
}

TEST(Evidence, IsTheMixtureOfLikelihoodRatiosOverTheAlternative) {
  for (const double p0 : {0.5, 0.8, 0.977}) {
    for (const int draws : {1, 20, 100}) {
      for (const int successes : {0, draws / 2, draws * 9 / 10, draws}) {
        EXPECT_NEAR(log_evidence_above(successes, draws, p0),
                    integrated_evidence(successes, draws, p0, true), 1e-6)
            << successes << " of " << draws << " at " << p0;
        EXPECT_NEAR(log_evidence_below(successes, draws, p0),
                    integrated_evidence(successes, draws, p0, false), 1e-6);
      }
    }
  }
}

TEST(Evidence, IsNoneBeforeTheFirstDraw) {
  EXPECT_NEAR(log_evidence_above(0, 0, 0.7), 0.0, 1e-12);
  EXPECT_NEAR(log_evidence_below(0, 0, 0.7), 0.0, 1e-12);
}

TEST(Evidence, AboveGrowsWithSuccessesAndBelowFalls) {
  for (const std::uint64_t draws : {50, 5000, 100000}) {
    double above = -std::numeric_limits<double>::infinity();
    double below = std::numeric_limits<double>::infinity();
    for (std::uint64_t hits = draws * 4 / 5; hits <= draws; hits += draws / 50) {
      // Below 1e-308 a tail's mass counts as none, and so does its evidence.
      EXPECT_GE(log_evidence_above(hits, draws, 0.9), above);
      EXPECT_LE(log_evidence_below(hits, draws, 0.9), below);
      above = log_evidence_above(hits, draws, 0.9);
      below = log_evidence_below(hits, draws, 0.9);
    }
  }
}

TEST(AnytimeBounds, AreWhereTheEvidenceReachesTheLevel) {
  const double lower = anytime_lower(970, 1000, 0.001);
  EXPECT_NEAR(log_evidence_above(970, 1000, lower), std::log(1000.0), 1e-6);
  EXPECT_GE(log_evidence_above(970, 1000, lower), std::log(1000.0));  // rounded towards less
  const double upper = anytime_upper(970, 1000, 0.001);
  EXPECT_NEAR(log_evidence_below(970, 1000, upper), std::log(1000.0), 1e-6);
  EXPECT_LT(lower, 0.97);
  EXPECT_GT(upper, 0.97);
  // Stopping when one likes has a price.
  EXPECT_LT(lower, clopper_pearson_lower(970, 1000, 0.001));
}

TEST(AnytimeBounds, ClaimNothingWithoutSuccesses) {
  EXPECT_EQ(anytime_lower(0, 100, 0.001), 0.0);
  EXPECT_EQ(anytime_upper(100, 100, 0.001), 1.0);
}

TEST(LookSchedule, DependsOnTheCapAloneAndEndsThere) {
  EXPECT_EQ(look_schedule(1), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(look_schedule(20), (std::vector<std::uint32_t>{8, 16, 20}));
  const std::vector<std::uint32_t> looks = look_schedule(100000);
  EXPECT_EQ(looks.back(), 100000U);
  for (std::size_t i = 1; i < looks.size(); ++i) {
    ASSERT_GT(looks[i], looks[i - 1]);
    ASSERT_LE(looks[i] - looks[i - 1], std::max(8U, looks[i - 1] / 50 + 8)) << looks[i];
  }
}

TEST(SequentialTest, DecidesAsTheEvidenceSays) {
  const std::vector<std::uint32_t> looks = look_schedule(5000);
  const double p0 = normal_cdf(2.0);
  const SequentialTest test(p0, 0.001, 0.01, looks);
  for (std::size_t look = 0; look + 1 < looks.size(); look += 7) {
    for (std::uint64_t hits = 0; hits <= looks[look]; ++hits) {
      const bool above = log_evidence_above(hits, looks[look], p0) >= std::log(2000.0);
      const bool below = log_evidence_below(hits, looks[look], p0) >= std::log(100.0);
      const Decision expected =
          above ? Decision::above : (below ? Decision::not_above : Decision::undecided);
      ASSERT_EQ(test.at(look, hits), expected) << hits << " of " << looks[look];
    }
  }
}

TEST(SequentialTest, TheLastLookAddsTheExactTestAndDecides) {
  const std::vector<std::uint32_t> looks = {100, 1000};
  const SequentialTest test(0.9, 0.001, 0.01, looks);
  std::uint64_t first = 0;
  while (binomial_at_least(static_cast<std::int64_t>(first), 1000, 0.9) > 0.0005) ++first;
  EXPECT_LT(log_evidence_above(first, 1000, 0.9), std::log(2000.0));
  EXPECT_EQ(test.at(1, first), Decision::above);
  EXPECT_EQ(test.at(1, first - 1), Decision::not_above);
}

// The ceilings of a run of n draws that all agree.
TEST(SequentialTest, CanDecideUpToItsCeiling) {
  const std::vector<std::uint32_t> looks = look_schedule(100000);
  const double ceiling = std::pow(0.0005, 1e-5);
  EXPECT_NEAR(normal_quantile(ceiling), 3.788, 5e-4);
  const SequentialTest below(ceiling - 1e-9, 0.001, 0.01, looks);
  const SequentialTest beyond(ceiling + 1e-9, 0.001, 0.01, looks);
  EXPECT_EQ(below.at(looks.size() - 1, 100000), Decision::above);
  EXPECT_EQ(beyond.at(looks.size() - 1, 100000), Decision::not_above);
}

// Runs one planted probability through the looks.
Decision run(std::mt19937_64& generator, const SequentialTest& test,
             const std::vector<std::uint32_t>& looks, double p) {
  std::uint64_t hits = 0;
  std::uint32_t drawn = 0;
  for (std::size_t look = 0; look < looks.size(); ++look) {
    hits += static_cast<std::uint64_t>(draw_binomial(generator, looks[look] - drawn, p));
    drawn = looks[look];
    if (const Decision decision = test.at(look, hits); decision != Decision::undecided) {
      return decision;
    }
  }
  return Decision::undecided;
}

// 10,000 planted examples at exactly p0: false decisions stay within the level plus three standard
// errors (chance of a failure of this test about 0.1 %), and a test that never decided would fail.
TEST(SequentialTest, KeepsItsLevelOverAllLooks) {
  const std::vector<std::uint32_t> looks = look_schedule(2000);
  for (const double p0 : {0.5, 0.84, 0.977}) {
    const SequentialTest test(p0, 0.05, 0.05, looks);
    const double rate = miss_rate(17, [&](std::mt19937_64& generator) {
      return run(generator, test, looks, p0) == Decision::above;
    });
    EXPECT_LE(rate, 0.05 + three_errors(0.05)) << p0;
    EXPECT_GT(rate, 0.005) << p0;
  }
}

TEST(SequentialTest, HasPowerWhereTheAnswerIsClear) {
  const std::vector<std::uint32_t> looks = look_schedule(20000);
  const SequentialTest test(0.977, 0.001, 0.01, looks);
  std::mt19937_64 generator(5);
  int above = 0;
  int not_above = 0;
  for (int i = 0; i < 200; ++i) {
    above += run(generator, test, looks, 0.99) == Decision::above ? 1 : 0;
    not_above += run(generator, test, looks, 0.95) == Decision::not_above ? 1 : 0;
  }
  EXPECT_GE(above, 199);
  EXPECT_GE(not_above, 199);
}

// Bounds at the worst moment: after every draw of a run, is the truth still inside?
TEST(AnytimeBounds, HoldAtEveryLookOfARun) {
  const std::vector<std::uint32_t> looks = look_schedule(300);
  const double truth = 0.9;
  const double rate = miss_rate(23, [&](std::mt19937_64& generator) {
    std::uint64_t hits = 0;
    std::uint32_t drawn = 0;
    for (const std::uint32_t look : looks) {
      hits += static_cast<std::uint64_t>(draw_binomial(generator, look - drawn, truth));
      drawn = look;
      if (log_evidence_above(hits, drawn, truth) >= std::log(20.0)) return true;
    }
    return false;
  });
  EXPECT_LE(rate, 0.05 + three_errors(0.05));
  EXPECT_GT(rate, 0.01);
}

}  // namespace
}  // namespace heirloom::stats

#include "core/stats/bounded_mean.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/stats/simulation.h"

namespace heirloom::stats {
namespace {

// Maurer and Pontil 2009, Theorem 4, for values on [0, 1].
TEST(MeanLower, IsTheEmpiricalBernsteinBound) {
  const std::vector<double> values{0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0,
                                   1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0};
  const double variance = (17 * 0.15 * 0.15 + 3 * 0.85 * 0.85) / 19.0;
  const double log_term = std::log(2.0 / 0.2);
  const double expected =
      0.85 - std::sqrt(2.0 * variance * log_term / 20.0) - 7.0 * log_term / (3.0 * 19.0);
  EXPECT_NEAR(mean_lower(values, 0.0, 1.0, 0.2), expected, 1e-12);
}

TEST(MeanLower, ScalesWithItsRange) {
  std::vector<double> unit;
  std::vector<double> scaled;
  for (int i = 0; i < 400; ++i) {
    unit.push_back(0.5 + 0.4 * std::sin(i));
    scaled.push_back(-3.0 + 5.0 * unit.back());
  }
  EXPECT_NEAR(mean_lower(scaled, -3.0, 2.0, 0.05), -3.0 + 5.0 * mean_lower(unit, 0.0, 1.0, 0.05),
              1e-12);
}

TEST(MeanLower, OfEqualValuesPaysOnlyTheLinearTerm) {
  const std::vector<double> values(1001, 0.9);
  EXPECT_NEAR(mean_lower(values, 0.0, 1.0, 0.05), 0.9 - 7.0 * std::log(40.0) / 3000.0, 1e-9);
}

TEST(MeanLower, RisesWithTheLevelAndTheValues) {
  std::vector<double> values;
  for (int i = 0; i < 300; ++i) values.push_back(0.5 + 0.3 * std::sin(i));
  const double bound = mean_lower(values, 0.0, 1.0, 0.05);
  EXPECT_LT(mean_lower(values, 0.0, 1.0, 0.005), bound);
  for (double& value : values) value += 0.1;
  EXPECT_GT(mean_lower(values, 0.0, 1.0, 0.05), bound);
}

TEST(MeanLower, MissesAPlantedMeanNoMoreOftenThanItsLevelSays) {
  for (const double p : {0.05, 0.5, 0.97}) {
    const double rate = miss_rate(41, [&](auto& generator) {
      std::vector<double> values;
      std::bernoulli_distribution coin(p);
      for (int i = 0; i < 60; ++i) values.push_back(coin(generator) ? 1.0 : 0.0);
      return mean_lower(values, 0.0, 1.0, 0.2) > p;
    });
    EXPECT_LE(rate, 0.2 + three_errors(0.2));
  }
}

TEST(MeanLower, ClaimsNothingFromBadNumbers) {
  const double nan = std::nan("");
  EXPECT_EQ(mean_lower(std::vector<double>{}, -1.0, 1.0, 0.05), -1.0);
  EXPECT_EQ(mean_lower(std::vector<double>{1.0}, -1.0, 1.0, 0.05), -1.0);
  std::vector<double> values(10000, 1.0);
  EXPECT_EQ(mean_lower(values, 0.0, 1.0, 0.0), 0.0);
  EXPECT_EQ(mean_lower(values, 0.0, 1.0, nan), 0.0);
  values[77] = nan;
  EXPECT_EQ(mean_lower(values, 0.0, 1.0, 0.05), 0.0);
  values[77] = 1.5;
  EXPECT_EQ(mean_lower(values, 0.0, 1.0, 0.05), 0.0);
}

TEST(MeanUpper, MirrorsTheLowerBound) {
  std::vector<double> values;
  std::vector<double> mirrored;
  for (int i = 0; i < 500; ++i) {
    values.push_back(1.0 + std::sin(i));
    mirrored.push_back(-values.back());
  }
  EXPECT_NEAR(mean_upper(values, 0.0, 2.0, 0.05), -mean_lower(mirrored, -2.0, 0.0, 0.05), 1e-12);
  EXPECT_EQ(mean_upper(std::vector<double>{1.0}, -1.0, 3.0, 0.05), 3.0);
  values[3] = 2.5;
  EXPECT_EQ(mean_upper(values, 0.0, 2.0, 0.05), 2.0);
  values[3] = std::nan("");
  EXPECT_EQ(mean_upper(values, 0.0, 2.0, 0.05), 2.0);
}

TEST(MeanInterval, SharesItsLevelBetweenItsSides) {
  std::vector<double> values;
  for (int i = 0; i < 2000; ++i) values.push_back(0.5 + 0.2 * std::sin(i));
  const Interval interval = mean_interval(values, 0.0, 1.0, 0.1);
  EXPECT_EQ(interval.lower, mean_lower(values, 0.0, 1.0, 0.05));
  EXPECT_EQ(interval.upper, mean_upper(values, 0.0, 1.0, 0.05));
  EXPECT_LT(interval.lower, interval.upper);
}

TEST(MeanInterval, WidensWithTheRangeAndTheConfidenceAndNarrowsWithTheValues) {
  std::vector<double> values;
  for (int i = 0; i < 500; ++i) values.push_back(0.5 + 0.2 * std::sin(i));
  const auto width = [](const Interval& interval) { return interval.upper - interval.lower; };
  const double usual = width(mean_interval(values, 0.0, 1.0, 0.05));
  EXPECT_GT(width(mean_interval(values, 0.0, 1.0, 0.005)), usual);
  EXPECT_GT(width(mean_interval(values, 0.0, 2.0, 0.05)), usual);
  const std::vector<double> once = values;
  values.insert(values.end(), once.begin(), once.end());
  EXPECT_LT(width(mean_interval(values, 0.0, 1.0, 0.05)), usual);
}

// Radii as logs have them: none, some between, and many at the ceiling.
TEST(MeanInterval, CoversThePlantedMeanOfRadii) {
  constexpr double kCeiling = 1.9;
  constexpr double kMean = 0.3 * kCeiling + 0.5 * kCeiling / 2.0;
  for (const double rho : {0.05, 0.3}) {
    const double rate = miss_rate(42, [&](auto& generator) {
      std::uniform_real_distribution<double> uniform(0.0, 1.0);
      std::vector<double> radii;
      for (int i = 0; i < 80; ++i) {
        const double kind = uniform(generator);
        radii.push_back(kind < 0.2 ? 0.0 : kind < 0.5 ? kCeiling : kCeiling * uniform(generator));
      }
      const Interval interval = mean_interval(radii, 0.0, kCeiling, rho);
      return kMean < interval.lower || kMean > interval.upper;
    });
    EXPECT_LE(rate, rho + three_errors(rho));
  }
}

}  // namespace
}  // namespace heirloom::stats

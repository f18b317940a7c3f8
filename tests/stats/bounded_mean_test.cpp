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

}  // namespace
}  // namespace heirloom::stats

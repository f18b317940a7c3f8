#include "core/stats/mmd.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/digest.h"

namespace heirloom::stats {
namespace {

base::PhiloxWords words_of(std::string_view seed) {
  return base::PhiloxWords(base::sha256(seed));
}

std::vector<float> normal_points(std::mt19937_64& generator, std::size_t count, float shift) {
  std::normal_distribution<float> normal;
  std::vector<float> out(count * 3);
  for (float& value : out) value = normal(generator) + shift;
  return out;
}

// By the definition, all pairs written out: points 0, 1 against 0, 3 on a line. The squared
// distances of all six pairs are 0, 1, 1, 4, 9, 9; the upper median 4 is the scale.
TEST(MeanDiscrepancy, IsItsDefinition) {
  const std::vector<float> x = {0.0F, 1.0F};
  const std::vector<float> y = {0.0F, 3.0F};
  base::PhiloxWords words = words_of("definition");
  const auto k = [](double d2) { return std::exp(-d2 / 4.0); };
  const double expected = k(1) + k(9) - 2.0 * (k(0) + k(9) + k(1) + k(4)) / 4.0;
  EXPECT_NEAR(mean_discrepancy({x, 1}, {y, 1}, 10, words).squared, expected, 1e-6);
}

TEST(MeanDiscrepancy, FindsAShiftAndNothingWhereThereIsNone) {
  std::mt19937_64 generator(1);
  base::PhiloxWords words = words_of("shift");
  const std::vector<float> x = normal_points(generator, 200, 0.0F);
  const std::vector<float> shifted = normal_points(generator, 60, 0.7F);
  const std::vector<float> same = normal_points(generator, 60, 0.0F);
  const MeanDiscrepancy found = mean_discrepancy({x, 3}, {shifted, 3}, 5000, words);
  EXPECT_GT(found.squared, 0.05);
  EXPECT_LE(found.p_value, 0.001);
  const MeanDiscrepancy nothing = mean_discrepancy({x, 3}, {same, 3}, 5000, words);
  EXPECT_LT(nothing.squared, 0.02);
  EXPECT_GE(nothing.p_value, 0.02);
}

// 1,000 runs at level 0.1: three standard errors are 0.0285.
TEST(MeanDiscrepancy, AlarmsNoMoreOftenThanItsLevel) {
  std::mt19937_64 generator(2);
  base::PhiloxWords words = words_of("level");
  int alarms = 0;
  for (int run = 0; run < 1000; ++run) {
    const std::vector<float> x = normal_points(generator, 24, 0.0F);
    const std::vector<float> y = normal_points(generator, 8, 0.0F);
    if (mean_discrepancy({x, 3}, {y, 3}, 100, words).p_value <= 0.1) ++alarms;
  }
  EXPECT_LE(alarms, 100 + 28);
  EXPECT_GE(alarms, 100 - 35);
}

TEST(MeanDiscrepancy, CallsEqualPointsEqual) {
  const std::vector<float> x(20, 0.5F);
  const std::vector<float> y(10, 0.5F);
  base::PhiloxWords words = words_of("equal");
  EXPECT_EQ(mean_discrepancy({x, 1}, {y, 1}, 1000, words).p_value, 1.0);
}

}  // namespace
}  // namespace heirloom::stats

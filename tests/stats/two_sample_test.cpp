#include "core/stats/two_sample.h"

#include <algorithm>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "tests/stats/simulation.h"

namespace heirloom::stats {
namespace {

// The share of all orders of m + n distinct values whose distance is at least that of `own`: the
// definition, by trying every order.
double by_every_order(std::size_t m, std::size_t n, double distance) {
  std::vector<int> from_x(m + n, 0);
  std::fill(from_x.begin() + static_cast<std::ptrdiff_t>(n), from_x.end(), 1);
  double orders = 0.0;
  double beyond = 0.0;
  do {
    double i = 0.0;
    double j = 0.0;
    double farthest = 0.0;
    for (const int x : from_x) {
      (x == 1 ? i : j) += 1.0;
      farthest =
          std::max(farthest, std::abs(i / static_cast<double>(m) - j / static_cast<double>(n)));
    }
    orders += 1.0;
    if (farthest > distance - 1e-12) beyond += 1.0;
  } while (std::next_permutation(from_x.begin(), from_x.end()));
  return beyond / orders;
}

TEST(KolmogorovSmirnov, CountsEveryOrderOnce) {
  const std::vector<double> x = {0.1, 0.2, 0.35, 0.5, 0.9};
  const std::vector<double> y = {0.4, 0.6, 0.7, 0.8, 0.95, 0.99, 1.2};
  const KolmogorovSmirnov test = kolmogorov_smirnov(x, y);
  EXPECT_NEAR(test.distance, 4.0 / 5.0 - 1.0 / 7.0, 1e-12);
  EXPECT_NEAR(test.p_value, by_every_order(5, 7, test.distance), 1e-12);
}

TEST(KolmogorovSmirnov, KeepsItsDigitsFarOut) {
  std::vector<double> x(40);
  std::vector<double> y(60);
  std::iota(x.begin(), x.end(), 0.0);
  std::iota(y.begin(), y.end(), 100.0);
  // All of x before all of y, or after: 2 orders of C(100, 40).
  const double orders = std::exp(std::lgamma(101.0) - std::lgamma(41.0) - std::lgamma(61.0));
  const KolmogorovSmirnov test = kolmogorov_smirnov(x, y);
  EXPECT_EQ(test.distance, 1.0);
  EXPECT_NEAR(test.p_value * orders / 2.0, 1.0, 1e-9);
}

TEST(KolmogorovSmirnov, TakesTiesTogether) {
  // Half of each at 0, half at 1: the same law, though an order of the tied values would differ.
  const std::vector<double> x = {0, 0, 0, 1, 1, 1};
  const std::vector<double> y = {1, 0, 1, 0};
  EXPECT_EQ(kolmogorov_smirnov(x, y).distance, 0.0);
  EXPECT_EQ(kolmogorov_smirnov(x, y).p_value, 1.0);
}

// Continuous values, and values with so many ties that they are nearly all equal.
TEST(KolmogorovSmirnov, AlarmsNoMoreOftenThanItsLevel) {
  for (const double step : {0.0, 0.25}) {
    const double rate = miss_rate(11, [&](std::mt19937_64& generator) {
      std::uniform_real_distribution<double> uniform;
      const auto draw = [&](std::size_t count) {
        std::vector<double> out(count);
        for (double& value : out) {
          value = uniform(generator);
          if (step > 0.0) value = std::floor(value / step);
        }
        return out;
      };
      return kolmogorov_smirnov(draw(20), draw(60)).p_value <= 0.05;
    });
    EXPECT_LE(rate, 0.05 + three_errors(0.05)) << "step " << step;
    if (step == 0.0) {
      EXPECT_GE(rate, 0.03);
    }
  }
}

TEST(ChiSquare, IsThatOfATwoByTwoTableByHand) {
  // [[10, 20], [30, 20]]: N (ad - bc)^2 / (row and column sums) = 80 * 400^2 / (30 50 40 40).
  const std::vector<std::uint64_t> x = {10, 20, 0};
  const std::vector<std::uint64_t> y = {30, 20, 0};
  EXPECT_NEAR(chi_square(x, y), 80.0 * 400.0 * 400.0 / (30.0 * 50.0 * 40.0 * 40.0), 1e-12);
  EXPECT_NEAR(total_variation(x, y), 0.6 - 1.0 / 3.0, 1e-12);
}

TEST(PopulationStability, GrowsWithTheShift) {
  std::mt19937_64 generator(5);
  std::normal_distribution<double> normal;
  const auto draw = [&](double shift) {
    std::vector<double> out(2000);
    for (double& value : out) value = normal(generator) + shift;
    return out;
  };
  const std::vector<double> reference = draw(0.0);
  EXPECT_LT(population_stability(reference, draw(0.0), 10), 0.02);
  // Of N(0, 1) against N(0.5, 1) in ten bins of equal shares: 0.24.
  EXPECT_NEAR(population_stability(reference, draw(0.5), 10), 0.24, 0.05);
  const std::vector<double> constant(50, 1.0);
  EXPECT_TRUE(std::isfinite(population_stability(constant, constant, 10)));
}

}  // namespace
}  // namespace heirloom::stats

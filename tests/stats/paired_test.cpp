#include "core/stats/paired.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <vector>

#include "core/stats/binomial.h"
#include "tests/stats/simulation.h"

namespace heirloom::stats {
namespace {

double trinomial(std::int64_t b, std::int64_t c, std::int64_t n, double p_b, double p_c) {
  const auto [x, y, z] =
      std::tuple{static_cast<double>(b), static_cast<double>(c), static_cast<double>(n - b - c)};
  const double rest = std::max(0.0, 1.0 - p_b - p_c);
  const auto term = [](double k, double p) { return k == 0.0 ? 0.0 : k * std::log(p); };
  return std::exp(std::lgamma(static_cast<double>(n) + 1.0) - std::lgamma(x + 1.0) -
                  std::lgamma(y + 1.0) - std::lgamma(z + 1.0) + term(x, p_b) + term(y, p_c) +
                  term(z, rest));
}

// The score statistic with its restricted estimate found by bisection on the likelihood equation,
// not by the closed form that the product uses.
double score(std::int64_t b, std::int64_t c, std::int64_t n, double m) {
  const auto [x, y, z] =
      std::tuple{static_cast<double>(b), static_cast<double>(c), static_cast<double>(n - b - c)};
  double low = 0.0;
  double high = (1.0 - m) / 2.0;
  for (int i = 0; i < 200; ++i) {
    const double g = 0.5 * (low + high);
    const double slope = y / g + x / (g + m) - 2.0 * z / (1.0 - 2.0 * g - m);
    (slope > 0.0 ? low : high) = g;
  }
  const double size = static_cast<double>(n);
  return (size * m - (x - y)) / std::sqrt(size * (2.0 * low + m * (1.0 - m)));
}

// docs/statistics.md section 4 as it is written, term by term, on a dense grid.
double plain_p_value(std::int64_t b, std::int64_t c, std::int64_t n, double m, double rho) {
  const double beta = rho / 1000.0;
  const double low = std::max(0.0, (clopper_pearson_lower(b + c, n, beta / 2) - m) / 2.0);
  const double upper = clopper_pearson_upper(b + c, n, beta / 2);
  if (upper < m) return beta;
  const double high = (upper - m) / 2.0;
  const double seen = score(b, c, n, m);
  std::vector<std::pair<std::int64_t, std::int64_t>> region;
  for (std::int64_t i = 0; i <= n; ++i) {
    for (std::int64_t j = 0; j <= n - i; ++j) {
      if (score(i, j, n, m) >= seen - 1e-7) region.emplace_back(i, j);
    }
  }
  double best = 0.0;
  for (int point = 0; point <= 400; ++point) {
    const double g = low + (high - low) * point / 400.0;
    double sum = 0.0;
    for (const auto& [i, j] : region) sum += trinomial(i, j, n, g + m, g);
    best = std::max(best, sum);
  }
  return std::min(1.0, beta + best);
}

TEST(NonInferiority, IsTheFormulaOfTheNotes) {
  for (const auto& [b, c, n, m] :
       {std::tuple{0, 0, 25, 0.1}, std::tuple{1, 0, 25, 0.1}, std::tuple{0, 3, 25, 0.1},
        std::tuple{2, 2, 30, 0.2}, std::tuple{5, 1, 30, 0.05}, std::tuple{3, 9, 30, 0.3},
        std::tuple{10, 15, 25, 0.1}, std::tuple{25, 0, 25, 0.2}, std::tuple{0, 25, 25, 0.2}}) {
    for (const double rho : {0.05, 6e-4}) {
      const double expected = plain_p_value(b, c, n, m, rho);
      EXPECT_NEAR(non_inferiority_p_value(b, c, n, m, rho), expected, 1e-4 * expected + 1e-12)
          << b << " " << c << " of " << n << " margin " << m;
    }
  }
}

TEST(NonInferiority, HasItsClosedFormWithoutDisagreement) {
  // Only (0, 0) or better counts: the largest chance of b = 0, at g = 0, is (1 - m)^n.
  const double p = non_inferiority_p_value(0, 0, 500, 0.02, 0.05);
  EXPECT_GE(p, std::pow(0.98, 500));
  EXPECT_LT(p, 0.05);
}

TEST(NonInferiority, BlamesTheChallengerForWhatOnlyTheChampionCertifies) {
  const double worse = non_inferiority_p_value(40, 10, 2000, 0.01, 0.05);
  const double better = non_inferiority_p_value(10, 40, 2000, 0.01, 0.05);
  EXPECT_GT(worse, 0.5);
  EXPECT_LT(better, 1e-4);
}

TEST(NonInferiority, IsMonotoneInEveryArgument) {
  for (std::int64_t k = 0; k < 30; k += 3) {
    EXPECT_LE(non_inferiority_p_value(k, 12, 800, 0.02, 0.01),
              non_inferiority_p_value(k + 3, 12, 800, 0.02, 0.01));
    EXPECT_GE(non_inferiority_p_value(12, k, 800, 0.02, 0.01),
              non_inferiority_p_value(12, k + 3, 800, 0.02, 0.01));
  }
  for (double margin = 0.005; margin < 0.05; margin += 0.005) {
    EXPECT_GT(non_inferiority_p_value(12, 10, 800, margin, 0.01),
              non_inferiority_p_value(12, 10, 800, margin + 0.005, 0.01));
  }
}

// The exact chance of passing when the truth is (p_b, p_c). Whether (b, c) passes is monotone, so
// that per b only the smallest passing c is looked for.
double chance_to_pass(std::int64_t n, double margin, double rho, double p_b, double p_c,
                      std::int64_t most, std::map<std::int64_t, std::int64_t>& smallest) {
  double chance = 0.0;
  for (std::int64_t b = 0; b <= most; ++b) {
    if (!smallest.contains(b)) {
      std::int64_t low = 0;
      std::int64_t high = n - b + 1;
      while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        if (non_inferiority_p_value(b, middle, n, margin, rho) <= rho) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      smallest[b] = low;
    }
    for (std::int64_t c = smallest[b]; c <= std::min(n - b, most); ++c) {
      chance += trinomial(b, c, n, p_b, p_c);
    }
  }
  return chance;
}

TEST(NonInferiority, KeepsItsSizeUnderTheNullHypothesis) {
  for (const auto& [n, margin, rho] :
       {std::tuple{120, 0.05, 0.05}, std::tuple{300, 0.02, 0.05}, std::tuple{300, 0.05, 0.001}}) {
    std::map<std::int64_t, std::int64_t> smallest;
    double largest = 0.0;
    for (const double p_c : {0.0, 0.002, 0.01, 0.03, 0.08, 0.15, 0.3}) {
      const double size =
          chance_to_pass(n, margin, rho, p_c + margin, p_c, std::min(n, 180), smallest);
      EXPECT_LE(size, rho) << "n " << n << " margin " << margin << " p_c " << p_c;
      largest = std::max(largest, size);
    }
    EXPECT_GT(largest, 0.5 * rho) << "the test is so harsh that it is another one";
  }
}

// docs/statistics.md section 4: n 2000, margin .01, disagreement 2 %.
TEST(NonInferiority, HasThePowerOfTheNotes) {
  std::map<std::int64_t, std::int64_t> smallest;
  EXPECT_NEAR(chance_to_pass(2000, 0.01, 0.05, 0.01, 0.01, 70, smallest), 0.93, 0.01);
}

TEST(NonInferiority, ProvesNothingFromBadNumbers) {
  const double nan = std::nan("");
  for (const double p :
       {non_inferiority_p_value(0, 0, 0, 0.1, 0.05), non_inferiority_p_value(-1, 0, 9, 0.1, 0.05),
        non_inferiority_p_value(0, -1, 9, 0.1, 0.05), non_inferiority_p_value(5, 5, 9, 0.1, 0.05),
        non_inferiority_p_value(0, 9, 9, 0.0, 0.05), non_inferiority_p_value(0, 9, 9, 1.0, 0.05),
        non_inferiority_p_value(0, 9, 9, nan, 0.05), non_inferiority_p_value(0, 9, 9, 0.1, nan),
        non_inferiority_p_value(0, 900, 900, 0.1, 0.0)}) {
    EXPECT_EQ(p, 1.0);
  }
}

TEST(NonInferiority, NeverGivesLessThanItsNuisanceIntervalCosts) {
  EXPECT_GE(non_inferiority_p_value(0, 0, 100000, 0.1, 0.05), 0.05 / 1000);
}

TEST(NonInferiority, IsFastAtTenThousandPairs) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) non_inferiority_p_value(100 + i, 95, 10000, 0.01, 0.001);
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  RecordProperty("milliseconds", std::to_string(spent.count() * 100.0));
  // About 10 ms a test; wide enough for a sanitizer on a busy machine.
  EXPECT_LT(spent.count() / 10, 0.5);
}

TEST(PairedDifference, IsMinusTheSmallestMarginThatPasses) {
  for (const auto& [b, c, rho] :
       {std::tuple{10, 12, 0.05}, std::tuple{30, 5, 0.01}, std::tuple{2, 40, 0.05}}) {
    const double bound = paired_difference_lower(b, c, 1000, rho);
    EXPECT_LE(non_inferiority_p_value(b, c, 1000, -bound, rho), rho);
    if (bound < -1e-5) {
      EXPECT_GT(non_inferiority_p_value(b, c, 1000, -bound - 1e-5, rho), rho);
    }
    EXPECT_LT(bound, (c - b) / 1000.0);
  }
}

TEST(PairedDifference, RisesWithTheChallengerAndTheLevel) {
  const double bound = paired_difference_lower(20, 20, 1000, 0.01);
  EXPECT_LT(paired_difference_lower(25, 20, 1000, 0.01), bound);
  EXPECT_GT(paired_difference_lower(20, 25, 1000, 0.01), bound);
  EXPECT_GT(paired_difference_lower(20, 20, 1000, 0.05), bound);
}

TEST(PairedDifference, IsMinusOneFromBadNumbers) {
  EXPECT_EQ(paired_difference_lower(0, 0, 0, 0.05), -1.0);
  EXPECT_EQ(paired_difference_lower(0, 5, 10, 0.0), -1.0);
}

// A champion that is better by just the margin: the gate must then pass with probability at most
// rho. Outcomes are drawn, and each distinct one is tested once.
TEST(NonInferiority, PassesACandidateThatIsWorseByTheMarginNoMoreOftenThanItsLevel) {
  constexpr std::int64_t kPairs = 200;
  constexpr double kMargin = 0.05;
  constexpr double kRho = 0.05;
  for (const double p_c : {0.005, 0.03}) {
    std::map<std::pair<std::int64_t, std::int64_t>, bool> passes;
    const double rate = miss_rate(71, [&](auto& generator) {
      const std::int64_t b = draw_binomial(generator, kPairs, p_c + kMargin);
      const std::int64_t c = draw_binomial(generator, kPairs - b, p_c / (1.0 - p_c - kMargin));
      const auto [found, is_new] = passes.try_emplace({b, c}, false);
      if (is_new) {
        found->second = non_inferiority_p_value(b, c, kPairs, kMargin, kRho) <= kRho;
      }
      return found->second;
    });
    EXPECT_LE(rate, kRho + three_errors(kRho)) << p_c;
    EXPECT_GE(rate, kRho / 5.0) << "the test gives its level away at " << p_c;
  }
}

TEST(PairedDifference, MissesThePlantedDifferenceNoMoreOftenThanItsLevelSays) {
  constexpr std::int64_t kPairs = 60;
  constexpr double kRho = 0.1;
  constexpr double kLost = 0.12;
  constexpr double kGained = 0.04;
  std::map<std::pair<std::int64_t, std::int64_t>, double> bounds;
  const double rate = miss_rate(72, [&](auto& generator) {
    const std::int64_t b = draw_binomial(generator, kPairs, kLost);
    const std::int64_t c = draw_binomial(generator, kPairs - b, kGained / (1.0 - kLost));
    const auto [found, is_new] = bounds.try_emplace({b, c}, 0.0);
    if (is_new) found->second = paired_difference_lower(b, c, kPairs, kRho);
    return found->second > kGained - kLost;
  });
  EXPECT_LE(rate, kRho + three_errors(kRho));
}

}  // namespace
}  // namespace heirloom::stats

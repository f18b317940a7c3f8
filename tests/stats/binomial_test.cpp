#include "core/stats/binomial.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/stats/simulation.h"

namespace heirloom::stats {
namespace {

double pmf(int k, int n, double p) {
  return std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) +
                  k * std::log(p) + (n - k) * std::log1p(-p));
}

TEST(BinomialTail, EqualsTheSumOfItsTerms) {
  for (const double p : {0.01, 0.3, 0.5, 0.97}) {
    for (const int n : {1, 7, 60}) {
      for (int k = 0; k <= n; ++k) {
        double above = 0.0;
        for (int j = k; j <= n; ++j) above += pmf(j, n, p);
        EXPECT_NEAR(binomial_at_least(k, n, p), above, 1e-11) << k << " of " << n << " at " << p;
        EXPECT_NEAR(binomial_at_most(k - 1, n, p), 1.0 - above, 1e-11);
      }
    }
  }
}

TEST(BinomialTail, IsZeroOrOneBeyondTheEnds) {
  EXPECT_EQ(binomial_at_least(0, 5, 0.3), 1.0);
  EXPECT_EQ(binomial_at_least(-2, 5, 0.3), 1.0);
  EXPECT_EQ(binomial_at_least(6, 5, 0.3), 0.0);
  EXPECT_EQ(binomial_at_most(5, 5, 0.3), 1.0);
  EXPECT_EQ(binomial_at_most(-1, 5, 0.3), 0.0);
  EXPECT_EQ(binomial_at_least(1, 5, 0.0), 0.0);
  EXPECT_EQ(binomial_at_least(5, 5, 1.0), 1.0);
  EXPECT_EQ(binomial_at_most(4, 5, 1.0), 0.0);
}

TEST(BinomialTail, OfAProbabilityThatIsNoneIsNotANumber) {
  EXPECT_TRUE(std::isnan(binomial_at_least(1, 5, std::nan(""))));
  EXPECT_TRUE(std::isnan(binomial_at_most(1, 5, 1.5)));
}

TEST(ClopperPearson, HasItsClosedFormsAtTheEnds) {
  for (const std::int64_t n : {1, 10, 500, 100000}) {
    for (const double alpha : {0.05, 0.001, 1e-8}) {
      const double power = std::pow(alpha, 1.0 / static_cast<double>(n));
      EXPECT_EQ(clopper_pearson_lower(0, n, alpha), 0.0);
      EXPECT_NEAR(clopper_pearson_lower(n, n, alpha), power, 1e-14);
      EXPECT_EQ(clopper_pearson_upper(n, n, alpha), 1.0);
      EXPECT_NEAR(clopper_pearson_upper(0, n, alpha), 1.0 - power, 1e-14);
    }
  }
}

// From a bisection on the plain sum of binomial terms in Python.
TEST(ClopperPearson, EqualsIndependentlyComputedBounds) {
  EXPECT_NEAR(clopper_pearson_lower(480, 500, 0.05), 0.9424044378844, 1e-12);
  EXPECT_NEAR(clopper_pearson_lower(99000, 100000, 0.001), 0.9889893403775, 1e-12);
  EXPECT_NEAR(clopper_pearson_upper(3, 50, 0.05), 0.1478371763642, 1e-12);
}

TEST(ClopperPearson, ErrsOnTheSafeSideOfItsTail) {
  for (const std::int64_t n : {1, 2, 19, 333, 100000}) {
    for (const double alpha : {0.05, 0.001, 1e-7}) {
      for (std::int64_t k = 0; k <= n; k += std::max<std::int64_t>(1, n / 37)) {
        const double lower = clopper_pearson_lower(k, n, alpha);
        const double upper = clopper_pearson_upper(k, n, alpha);
        if (k > 0) {
          EXPECT_LE(binomial_at_least(k, n, lower), alpha);
          EXPECT_NEAR(binomial_at_least(k, n, lower), alpha, 1e-6 * alpha);
        }
        if (k < n) {
          EXPECT_LE(binomial_at_most(k, n, upper), alpha);
          EXPECT_NEAR(binomial_at_most(k, n, upper), alpha, 1e-6 * alpha);
        }
        EXPECT_LT(lower, upper);
      }
    }
  }
}

TEST(ClopperPearson, RisesWithTheCountAndTheLevelAndFallsWithTheTrials) {
  for (std::int64_t k = 0; k < 200; ++k) {
    EXPECT_LT(clopper_pearson_lower(k, 200, 0.01), clopper_pearson_lower(k + 1, 200, 0.01));
    EXPECT_LT(clopper_pearson_upper(k, 201, 0.01), clopper_pearson_upper(k + 1, 201, 0.01));
    if (k == 0) continue;
    EXPECT_LT(clopper_pearson_lower(k, 200, 0.001), clopper_pearson_lower(k, 200, 0.01));
    EXPECT_GT(clopper_pearson_upper(k, 201, 0.001), clopper_pearson_upper(k, 201, 0.01));
    EXPECT_GT(clopper_pearson_lower(k, 200, 0.01), clopper_pearson_lower(k, 201, 0.01));
  }
}

TEST(ClopperPearson, MirrorsItself) {
  for (std::int64_t k = 0; k <= 90; ++k) {
    EXPECT_NEAR(clopper_pearson_upper(k, 90, 0.02), 1.0 - clopper_pearson_lower(90 - k, 90, 0.02),
                1e-12);
  }
}

TEST(ClopperPearson, ClaimsNothingWhereItCannotBeComputed) {
  for (const auto& [k, n, alpha] :
       {std::tuple{5, 0, .05}, std::tuple{6, 5, .05}, std::tuple{-1, 5, .05}, std::tuple{5, 5, .0},
        std::tuple{5, 5, 1.0}, std::tuple{5, 5, std::nan("")}}) {
    EXPECT_EQ(clopper_pearson_lower(k, n, alpha), 0.0);
    EXPECT_EQ(clopper_pearson_upper(k, n, alpha), 1.0);
  }
}

// At p just below the bound of k the true miss rate is alpha itself, so that a bound that is too
// kind and one that is too harsh both fail here.
TEST(ClopperPearson, MissesAPlantedShareAsOftenAsItsLevelSays) {
  for (const double alpha : {0.05, 0.01}) {
    for (const auto& [k, n] : {std::pair{5, 40}, std::pair{90, 100}, std::pair{970, 1000}}) {
      const double p = clopper_pearson_lower(k, n, alpha) * (1.0 - 1e-9);
      const double rate = miss_rate(11, [&, trials = n](auto& generator) {
        return clopper_pearson_lower(draw_binomial(generator, trials, p), trials, alpha) > p;
      });
      EXPECT_NEAR(rate, alpha, three_errors(alpha)) << k << " of " << n;
    }
    const double p = clopper_pearson_upper(3, 60, alpha) * (1.0 + 1e-9);
    const double rate = miss_rate(12, [&](auto& generator) {
      return clopper_pearson_upper(draw_binomial(generator, 60, p), 60, alpha) < p;
    });
    EXPECT_NEAR(rate, alpha, three_errors(alpha));
  }
}

TEST(ClopperPearsonInterval, HasItsClosedFormsAtTheEnds) {
  for (const std::int64_t n : {1, 10, 500, 100000}) {
    const double power = std::pow(0.025, 1.0 / static_cast<double>(n));
    EXPECT_EQ(clopper_pearson(0, n, 0.05).lower, 0.0);
    EXPECT_NEAR(clopper_pearson(0, n, 0.05).upper, 1.0 - power, 1e-14);
    EXPECT_NEAR(clopper_pearson(n, n, 0.05).lower, power, 1e-14);
    EXPECT_EQ(clopper_pearson(n, n, 0.05).upper, 1.0);
  }
}

TEST(ClopperPearsonInterval, LeavesHalfItsLevelOnEitherSide) {
  const Interval interval = clopper_pearson(63, 200, 0.02);
  EXPECT_NEAR(binomial_at_least(63, 200, interval.lower), 0.01, 1e-9);
  EXPECT_NEAR(binomial_at_most(63, 200, interval.upper), 0.01, 1e-9);
}

TEST(ClopperPearsonInterval, IsMonotoneInEveryArgument) {
  for (std::int64_t k = 0; k < 120; ++k) {
    const Interval interval = clopper_pearson(k, 120, 0.05);
    EXPECT_LE(interval.lower, static_cast<double>(k) / 120.0);
    EXPECT_GE(interval.upper, static_cast<double>(k) / 120.0);
    EXPECT_LT(interval.lower, clopper_pearson(k + 1, 120, 0.05).lower);
    EXPECT_LT(interval.upper, clopper_pearson(k + 1, 120, 0.05).upper);
    EXPECT_GT(interval.upper, clopper_pearson(k, 121, 0.05).upper);
    EXPECT_GT(clopper_pearson(k, 120, 0.01).upper, interval.upper);
    if (k == 0) continue;
    EXPECT_GT(interval.lower, clopper_pearson(k, 121, 0.05).lower);
    EXPECT_LT(clopper_pearson(k, 120, 0.01).lower, interval.lower);
  }
}

TEST(ClopperPearsonInterval, CoversAPlantedShare) {
  for (const double alpha : {0.05, 0.01}) {
    for (const double p : {0.002, 0.13, 0.5, 0.985}) {
      const double rate = miss_rate(13, [&](auto& generator) {
        const Interval interval = clopper_pearson(draw_binomial(generator, 300, p), 300, alpha);
        return p < interval.lower || p > interval.upper;
      });
      EXPECT_LE(rate, alpha + three_errors(alpha)) << p;
    }
    // At an end of the interval of k that side's miss rate is alpha / 2 exactly.
    const double p = clopper_pearson(250, 300, alpha).lower * (1.0 - 1e-9);
    const double above = miss_rate(14, [&](auto& generator) {
      return clopper_pearson(draw_binomial(generator, 300, p), 300, alpha).lower > p;
    });
    EXPECT_NEAR(above, alpha / 2.0, three_errors(alpha / 2.0));
  }
}

TEST(ClopperPearsonInterval, IsEverythingWhereItCannotBeComputed) {
  EXPECT_EQ(clopper_pearson(0, 0, 0.05), (Interval{0.0, 1.0}));
  EXPECT_EQ(clopper_pearson(6, 5, 0.05), (Interval{0.0, 1.0}));
  EXPECT_EQ(clopper_pearson(0, 5, 1.5), (Interval{0.0, 1.0}));
  EXPECT_EQ(clopper_pearson(5, 5, std::nan("")), (Interval{0.0, 1.0}));
}

}  // namespace
}  // namespace heirloom::stats

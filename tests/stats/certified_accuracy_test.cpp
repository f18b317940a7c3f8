#include "core/stats/certified_accuracy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/stats/binomial.h"
#include "tests/stats/simulation.h"

namespace heirloom::stats {
namespace {

constexpr double kAlpha = 0.001;

TEST(CertifiedShare, HasItsClosedFormsAtTheEnds) {
  EXPECT_EQ(certified_share_lower(0, 100, 0.05, kAlpha), 0.0);
  const double all = std::pow(0.05, 0.01);
  EXPECT_NEAR(certified_share_lower(100, 100, 0.05, kAlpha), (all - kAlpha) / (1 - kAlpha), 1e-12);
  EXPECT_EQ(certified_share_p_value(0, 100, 0.5, kAlpha), 1.0);
  EXPECT_NEAR(certified_share_p_value(100, 100, 0.9, kAlpha), std::pow(0.9 + 0.1 * kAlpha, 100),
              1e-15);
}

TEST(CertifiedShare, PaysForTheLevelOfEachExample) {
  for (const double alpha : {0.001, 0.01, 0.1}) {
    const double unpaid = clopper_pearson_lower(900, 1000, 0.05);
    EXPECT_LT(certified_share_lower(900, 1000, 0.05, alpha), unpaid);
    EXPECT_GT(certified_share_p_value(900, 1000, 0.88, alpha), binomial_at_least(900, 1000, 0.88));
  }
}

TEST(CertifiedShare, TestAndBoundAgree) {
  for (std::int64_t k = 0; k <= 300; k += 3) {
    const double bound = certified_share_lower(k, 300, 0.02, 0.01);
    if (bound > 1e-3) {
      EXPECT_LE(certified_share_p_value(k, 300, bound - 1e-6, 0.01), 0.02);
      EXPECT_GT(certified_share_p_value(k, 300, bound + 1e-6, 0.01), 0.02);
    }
  }
}

TEST(CertifiedShare, IsMonotoneInEveryArgument) {
  for (std::int64_t k = 100; k < 200; ++k) {
    EXPECT_LT(certified_share_lower(k, 200, 0.01, kAlpha),
              certified_share_lower(k + 1, 200, 0.01, kAlpha));
    EXPECT_GT(certified_share_lower(k, 200, 0.01, kAlpha),
              certified_share_lower(k, 201, 0.01, kAlpha));
    EXPECT_LT(certified_share_lower(k, 200, 0.001, kAlpha),
              certified_share_lower(k, 200, 0.01, kAlpha));
    EXPECT_GT(certified_share_lower(k, 200, 0.01, kAlpha),
              certified_share_lower(k, 200, 0.01, 2 * kAlpha));
    EXPECT_GT(certified_share_p_value(k, 200, 0.6, kAlpha),
              certified_share_p_value(k + 1, 200, 0.6, kAlpha));
    EXPECT_LT(certified_share_p_value(k, 200, 0.6, kAlpha),
              certified_share_p_value(k, 200, 0.61, kAlpha));
    EXPECT_LT(certified_share_p_value(k, 200, 0.6, kAlpha),
              certified_share_p_value(k, 200, 0.6, 2 * kAlpha));
  }
}

TEST(CertifiedShare, MissesAPlantedShareAsOftenAsItsLevelSays) {
  constexpr double kCostly = 0.02;
  for (const double rho : {0.05, 0.01}) {
    // Just below the bound of k, so that the true miss rate is rho itself.
    const double theta = certified_share_lower(930, 1000, rho, kCostly) * (1.0 - 1e-9);
    const double rate = miss_rate(21, [&](auto& generator) {
      const std::int64_t robust = draw_binomial(generator, 1000, theta);
      const std::int64_t lucky = draw_binomial(generator, 1000 - robust, kCostly);
      return certified_share_lower(robust + lucky, 1000, rho, kCostly) > theta;
    });
    EXPECT_NEAR(rate, rho, three_errors(rho));
  }
}

TEST(CertifiedShare, ProvesNothingFromBadNumbers) {
  const double nan = std::nan("");
  for (const double p :
       {certified_share_p_value(0, 0, 0.0, kAlpha), certified_share_p_value(6, 5, 0.5, kAlpha),
        certified_share_p_value(-1, 5, 0.5, kAlpha), certified_share_p_value(5, 5, nan, kAlpha),
        certified_share_p_value(5, 5, -0.5, kAlpha), certified_share_p_value(5, 5, 1.0, kAlpha),
        certified_share_p_value(5, 5, 0.1, nan), certified_share_p_value(5, 5, 0.1, 0.0)}) {
    EXPECT_EQ(p, 1.0);
  }
  EXPECT_EQ(certified_share_lower(0, 0, 0.05, kAlpha), 0.0);
  EXPECT_EQ(certified_share_lower(5, 5, 0.0, kAlpha), 0.0);
  EXPECT_EQ(certified_share_lower(5, 5, nan, kAlpha), 0.0);
  EXPECT_EQ(certified_share_lower(5, 5, 0.05, nan), 0.0);
}

TEST(SmallestPassingCount, IsTheFirstThatPasses) {
  for (const double tau : {0.0, 0.5, 0.9, 0.99}) {
    for (const double rho : {0.05, 6.25e-4, 6.4e-7}) {
      const std::int64_t smallest = smallest_passing_count(700, tau, rho, kAlpha);
      if (smallest <= 700) {
        EXPECT_LE(certified_share_p_value(smallest, 700, tau, kAlpha), rho);
      }
      EXPECT_GT(certified_share_p_value(smallest - 1, 700, tau, kAlpha), rho);
    }
  }
}

TEST(SmallestPassingCount, IsBeyondTheSetWhenNothingPasses) {
  EXPECT_EQ(smallest_passing_count(10, 0.9, 0.05, kAlpha), 11);
  EXPECT_EQ(smallest_passing_count(0, 0.1, 0.05, kAlpha), 1);
  // An exhausted ledger's level: 0.5^2000 underflows to 0, which must not pass for "at most 0".
  EXPECT_EQ(smallest_passing_count(2000, 0.5, 0.0, kAlpha), 2001);
  EXPECT_EQ(smallest_passing_count(2000, 0.5, std::nan(""), kAlpha), 2001);
}

TEST(ShareAtMost, TestAndBoundAgree) {
  EXPECT_NEAR(share_at_most_p_value(0, 100, 0.05), std::pow(0.95, 100), 1e-14);
  for (std::int64_t count = 0; count < 100; count += 7) {
    const double upper = share_upper(count, 100, 0.03);
    EXPECT_LE(share_at_most_p_value(count, 100, upper + 1e-6), 0.03);
    EXPECT_GT(share_at_most_p_value(count, 100, upper - 1e-6), 0.03);
  }
}

TEST(ShareAtMost, ProvesNothingFromBadNumbers) {
  EXPECT_EQ(share_at_most_p_value(0, 0, 0.5), 1.0);
  EXPECT_EQ(share_at_most_p_value(0, 5, std::nan("")), 1.0);
  EXPECT_EQ(share_at_most_p_value(-1, 5, 0.5), 1.0);
  EXPECT_EQ(share_at_most_p_value(0, 5, 0.0), 1.0);
  EXPECT_EQ(share_upper(0, 5, 0.0), 1.0);
}

// docs/statistics.md section 1.
TEST(InSetBound, GivesTheKnownAnswers) {
  EXPECT_EQ(certified_in_set_lower(480, 500, 0.05, 0.001), 480);
  EXPECT_EQ(certified_in_set_lower(5000, 10000, 0.05, 0.001), 4991);
}

TEST(InSetBound, IsTheSmallestNumberThatTheLevelAllows) {
  for (const std::int64_t k : {0, 1, 50, 199, 200}) {
    const std::int64_t bound = certified_in_set_lower(k, 200, 0.05, 0.02);
    EXPECT_GT(binomial_at_least(k - bound, 200 - bound, 0.02), 0.05);
    if (bound > 0) {
      EXPECT_LE(binomial_at_least(k - bound + 1, 200 - bound + 1, 0.02), 0.05);
    }
    EXPECT_LE(bound, k);
  }
}

TEST(InSetBound, MissesThePlantedSetNoMoreOftenThanItsLevelSays) {
  for (const std::int64_t robust : {0, 300, 450, 500}) {
    const double rate = miss_rate(31, [&](auto& generator) {
      const std::int64_t lucky = draw_binomial(generator, 500 - robust, 0.02);
      return certified_in_set_lower(robust + lucky, 500, 0.05, 0.02) > robust;
    });
    EXPECT_LE(rate, 0.05 + three_errors(0.05));
  }
}

TEST(InSetBound, ClaimsNothingFromBadNumbers) {
  EXPECT_EQ(certified_in_set_lower(5, 0, 0.05, 0.001), 0);
  EXPECT_EQ(certified_in_set_lower(6, 5, 0.05, 0.001), 0);
  EXPECT_EQ(certified_in_set_lower(5, 5, 0.0, 0.001), 0);
}

TEST(CertifiedShare, TestRejectsATrueHypothesisAsOftenAsItsLevelSays) {
  constexpr double kCostly = 0.05;
  for (const double rho : {0.05, 0.005}) {
    // The share at which 360 of 400, the smallest count that passes, has probability rho itself.
    const double tau = certified_share_lower(360, 400, rho, kCostly) - 1e-9;
    const double rate = miss_rate(22, [&](auto& generator) {
      const std::int64_t robust = draw_binomial(generator, 400, tau);
      const std::int64_t lucky = draw_binomial(generator, 400 - robust, kCostly);
      return certified_share_p_value(robust + lucky, 400, tau, kCostly) <= rho;
    });
    EXPECT_NEAR(rate, rho, three_errors(rho));
  }
}

TEST(SmallestPassingCount, IsMonotoneInEveryArgument) {
  for (double tau = 0.3; tau < 0.9; tau += 0.05) {
    const std::int64_t usual = smallest_passing_count(500, tau, 0.01, kAlpha);
    EXPECT_LT(usual, smallest_passing_count(500, tau + 0.05, 0.01, kAlpha));
    EXPECT_LT(usual, smallest_passing_count(600, tau, 0.01, kAlpha));
    EXPECT_LT(usual, smallest_passing_count(500, tau, 0.0001, kAlpha));
    EXPECT_LE(usual, smallest_passing_count(500, tau, 0.01, 30 * kAlpha));
  }
}

TEST(ShareAtMost, HasItsClosedFormsAtTheEnds) {
  for (const double rho : {0.05, 0.001}) {
    EXPECT_NEAR(share_upper(0, 80, rho), 1.0 - std::pow(rho, 1.0 / 80.0), 1e-14);
    EXPECT_EQ(share_upper(80, 80, rho), 1.0);
  }
  EXPECT_EQ(share_at_most_p_value(80, 80, 0.9), 1.0);
}

TEST(ShareAtMost, IsMonotoneInEveryArgument) {
  for (std::int64_t count = 0; count < 60; ++count) {
    EXPECT_LT(share_upper(count, 80, 0.05), share_upper(count + 1, 80, 0.05));
    EXPECT_GT(share_upper(count, 80, 0.05), share_upper(count, 81, 0.05));
    EXPECT_GT(share_upper(count, 80, 0.01), share_upper(count, 80, 0.05));
    EXPECT_LT(share_at_most_p_value(count, 80, 0.3), share_at_most_p_value(count + 1, 80, 0.3));
    EXPECT_GT(share_at_most_p_value(count, 80, 0.3), share_at_most_p_value(count, 80, 0.31));
    EXPECT_GT(share_at_most_p_value(count, 80, 0.3), share_at_most_p_value(count, 81, 0.3));
  }
}

TEST(ShareAtMost, MissesAPlantedShareAsOftenAsItsLevelSays) {
  for (const double rho : {0.05, 0.01}) {
    const double p = share_upper(12, 400, rho) * (1.0 + 1e-9);
    const double rate = miss_rate(23, [&](auto& generator) {
      return share_upper(draw_binomial(generator, 400, p), 400, rho) < p;
    });
    EXPECT_NEAR(rate, rho, three_errors(rho));
  }
}

TEST(InSetBound, HasItsClosedFormsAtTheEnds) {
  EXPECT_EQ(certified_in_set_lower(0, 100, 0.05, 0.02), 0);
  // All certified, j of them falsely: that has probability alpha^j, which is above rho for j <= 2.
  EXPECT_EQ(certified_in_set_lower(100, 100, 0.05, 0.3), 98);
  EXPECT_EQ(certified_in_set_lower(100, 100, 0.05, 0.01), 100);
}

TEST(InSetBound, IsMonotoneInEveryArgument) {
  for (std::int64_t k = 0; k < 200; ++k) {
    const std::int64_t bound = certified_in_set_lower(k, 200, 0.05, 0.02);
    EXPECT_LE(bound, certified_in_set_lower(k + 1, 200, 0.05, 0.02));
    EXPECT_GE(bound, certified_in_set_lower(k, 260, 0.05, 0.02));
    EXPECT_GE(bound, certified_in_set_lower(k, 200, 0.001, 0.02));
    EXPECT_GE(bound, certified_in_set_lower(k, 200, 0.05, 0.06));
  }
}

}  // namespace
}  // namespace heirloom::stats

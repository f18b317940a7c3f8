#include "core/stats/smoothing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/stats/binomial.h"
#include "tests/stats/simulation.h"

namespace heirloom::stats {
namespace {

TEST(Normal, QuantileInvertsTheDistribution) {
  for (double x = -6.0; x <= 6.0; x += 0.37) {
    // Near 1 the probability itself is only good to an ulp.
    EXPECT_NEAR(normal_quantile(normal_cdf(x)), x, x > 5.0 ? 1e-8 : 1e-9);
  }
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_EQ(normal_quantile(0.5), 0.0);
}

TEST(CertifiedRadius, IsRoundedDownToAMillionth) {
  for (double p = 0.5; p < 1.0; p += 0.00137) {
    const double exact = 0.5 * normal_quantile(p);
    const double radius = certified_radius(0.5, p);
    EXPECT_LE(radius, exact);
    EXPECT_GT(radius, exact - 1.1e-6);
    EXPECT_NEAR(radius * 1e6, std::round(radius * 1e6), 1e-3);
  }
}

TEST(CertifiedRadius, IsNeverNegativeAndNothingWithoutAMajority) {
  EXPECT_EQ(certified_radius(0.5, 0.5), 0.0);
  EXPECT_EQ(certified_radius(0.5, 0.4999), 0.0);
  EXPECT_EQ(certified_radius(0.5, 0.0), 0.0);
}

TEST(CertifiedRadius, ClaimsNothingFromBadNumbers) {
  EXPECT_EQ(certified_radius(0.5, 1.0), 0.0);
  EXPECT_EQ(certified_radius(0.5, std::nan("")), 0.0);
  EXPECT_EQ(certified_radius(std::nan(""), 0.9), 0.0);
  EXPECT_EQ(certified_radius(-1.0, 0.9), 0.0);
  EXPECT_EQ(certified_radius(INFINITY, 0.9), 0.0);
}

TEST(CertifiedRadius, RisesWithTheBoundAndWithSigma) {
  double last = -1.0;
  for (double p = 0.501; p < 1.0; p += 0.004) {
    EXPECT_GT(certified_radius(0.5, p), last);
    last = certified_radius(0.5, p);
    EXPECT_GT(certified_radius(0.6, p), last);
  }
}

TEST(RadiusCeiling, IsThatOfTheNotes) {
  EXPECT_NEAR(exact_radius_ceiling(1.0, 100000, 0.001), 3.811, 5e-4);
  EXPECT_NEAR(exact_radius_ceiling(0.25, 100000, 0.001), 3.811 / 4, 2e-4);
  // The published logs at sigma 0.5 stop at 1.91.
  EXPECT_NEAR(exact_radius_ceiling(0.5, 100000, 0.001), 1.905, 1e-3);
}

TEST(RadiusCeiling, IsReachedByUnanimityAndByNothingElse) {
  for (const std::int64_t n : {19, 500, 1000, 100000}) {
    const auto draws = static_cast<std::uint64_t>(n);
    EXPECT_EQ(certified_radius(0.5, clopper_pearson_lower(n, n, 0.001)),
              exact_radius_ceiling(0.5, draws, 0.001));
    EXPECT_LT(certified_radius(0.5, clopper_pearson_lower(n - 1, n, 0.001)),
              exact_radius_ceiling(0.5, draws, 0.001));
  }
}

// The smallest n for which unanimity certifies a radius.
TEST(RadiusCeiling, AgreesWithTheMinimumNumberOfDraws) {
  for (const auto& [ratio, n] : {std::pair{0.5, 19}, std::pair{1.0, 40}, std::pair{1.5, 100},
                                 std::pair{2.0, 301}, std::pair{3.0, 5114}}) {
    const auto draws = static_cast<std::uint64_t>(n);
    EXPECT_GE(exact_radius_ceiling(1.0, draws, 0.001), ratio);
    EXPECT_LT(exact_radius_ceiling(1.0, draws - 1, 0.001), ratio);
  }
}

TEST(Normal, HasTheClosedFormsThatItsSymmetryGives) {
  EXPECT_EQ(normal_cdf(0.0), 0.5);
  for (double x = 0.25; x < 8.0; x += 0.25) {
    EXPECT_NEAR(normal_cdf(x) + normal_cdf(-x), 1.0, 1e-15);
    EXPECT_GT(normal_cdf(x), normal_cdf(x - 0.25));
  }
  EXPECT_TRUE(std::isnan(normal_quantile(0.0)));
  EXPECT_TRUE(std::isnan(normal_quantile(1.0)));
}

TEST(RadiusCeiling, RisesWithTheDrawsAndTheLevelAndSigma) {
  for (std::uint64_t n = 100; n < 100000; n *= 3) {
    const double usual = exact_radius_ceiling(0.5, n, 0.001);
    EXPECT_GT(exact_radius_ceiling(0.5, n + n / 10, 0.001), usual);
    EXPECT_GT(exact_radius_ceiling(0.5, n, 0.01), usual);
    EXPECT_GT(exact_radius_ceiling(0.6, n, 0.001), usual);
  }
}

// Exact mode from end to end: the radius of k of n draws is too large with probability alpha when
// the true one lies just below it, and never more often.
TEST(CertifiedRadius, IsTooLargeAsOftenAsItsLevelSays) {
  constexpr double kSigma = 0.5;
  for (const double alpha : {0.05, 0.001}) {
    for (const auto& [k, n] : {std::pair{700, 1000}, std::pair{990, 1000}, std::pair{300, 300}}) {
      const double bound = clopper_pearson_lower(k, n, alpha);
      const double truth = certified_radius(kSigma, bound) - 1e-9;
      const double p = normal_cdf(truth / kSigma);
      const double rate = miss_rate(61, [&, draws = n](auto& generator) {
        const std::int64_t hits = draw_binomial(generator, draws, p);
        return certified_radius(kSigma, clopper_pearson_lower(hits, draws, alpha)) > truth;
      });
      EXPECT_NEAR(rate, alpha, three_errors(alpha)) << k << " of " << n;
    }
  }
}

TEST(PredictPValue, IsTheExactTwoSidedTest) {
  // By hand: 2 (C(10,9) + C(10,10)) / 2^10, and 2 / 2^10 when all agree.
  EXPECT_NEAR(predict_p_value(9, 1), 22.0 / 1024.0, 1e-15);
  EXPECT_NEAR(predict_p_value(10, 0), 2.0 / 1024.0, 1e-15);
  EXPECT_NEAR(predict_p_value(7, 4), 2.0 * (330 + 165 + 55 + 11 + 1) / 2048.0, 1e-15);
}

TEST(PredictPValue, DoesNotAskWhichOfTheTwoIsFirst) {
  for (const auto& [n1, n2] : {std::pair{9, 1}, std::pair{60, 41}, std::pair{9000, 900}}) {
    EXPECT_EQ(predict_p_value(n1, n2), predict_p_value(n2, n1));
  }
}

TEST(PredictPValue, IsOneForATieAndForNoVotes) {
  EXPECT_EQ(predict_p_value(50, 50), 1.0);  // twice the tail would be more than 1
  EXPECT_EQ(predict_p_value(0, 0), 1.0);
  EXPECT_TRUE(std::isnan(predict_p_value(-1, 5)));
  EXPECT_TRUE(std::isnan(predict_p_value(5, -1)));
}

TEST(PredictPValue, NeedsElevenAgreeingVotesAtOneInAThousand) {
  EXPECT_GT(predict_p_value(10, 0), 0.001);
  EXPECT_LE(predict_p_value(11, 0), 0.001);
}

}  // namespace
}  // namespace heirloom::stats

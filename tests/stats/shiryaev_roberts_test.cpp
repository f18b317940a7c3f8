#include "core/stats/shiryaev_roberts.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "tests/stats/simulation.h"

namespace heirloom::stats {
namespace {

// Batches until an alarm at `threshold`, when a share `share` is hit and `expected` is expected.
int batches_until(std::mt19937_64& generator, double share, double expected, double threshold,
                  int most) {
  ShiryaevRoberts procedure;
  for (int batch = 1; batch <= most; ++batch) {
    procedure.add(draw_binomial(generator, 100, share), 100, expected);
    if (procedure.value() >= threshold) return batch;
  }
  return most + 1;
}

TEST(ShiryaevRoberts, AddsUpByItsFormula) {
  ShiryaevRoberts procedure;
  procedure.add(8, 10, 0.9);
  const double e = std::pow(0.8 / 0.9, 8) * std::pow(0.2 / 0.1, 2);
  EXPECT_NEAR(procedure.sums()[2], e, 1e-12);
  procedure.add(10, 10, 0.9);
  EXPECT_NEAR(procedure.sums()[2], std::pow(0.8 / 0.9, 10) * (1.0 + e), 1e-12);
  EXPECT_NEAR(ShiryaevRoberts(procedure.sums()).value(), procedure.value(), 0.0);
}

TEST(ShiryaevRoberts, StaysFinite) {
  ShiryaevRoberts procedure;
  for (int i = 0; i < 50; ++i) procedure.add(0, 1000, 0.99);
  EXPECT_TRUE(std::isfinite(procedure.value()));
  ShiryaevRoberts low;  // falls of more than there is do not count
  low.add(0, 10, 0.03);
  EXPECT_EQ(low.sums()[1], 0.0);
  EXPECT_GT(low.sums()[0], 0.0);
}

// With nothing wrong the mean of the sums grows by one a batch, so an alarm at A within n batches
// has a chance of at most n / A; of 2,000 lives, three standard errors.
TEST(ShiryaevRoberts, AlarmsNoMoreOftenThanItsThreshold) {
  std::mt19937_64 generator(7);
  int alarms = 0;
  for (int life = 0; life < 2000; ++life) {
    if (batches_until(generator, 0.95, 0.95, 1000.0, 100) <= 100) ++alarms;
  }
  EXPECT_LE(alarms / 2000.0, 0.1 + 3.0 * std::sqrt(0.1 * 0.9 / 2000));
}

TEST(ShiryaevRoberts, NeedsFewBatchesForALargeFall) {
  std::mt19937_64 generator(9);
  double small = 0.0;
  double large = 0.0;
  for (int life = 0; life < 300; ++life) {
    small += batches_until(generator, 0.90, 0.95, 8760.0, 100);
    large += batches_until(generator, 0.85, 0.95, 8760.0, 100);
  }
  EXPECT_LT(small / 300, 9.0);
  EXPECT_LT(large / 300, 4.0);
  EXPECT_GT(small / 300, large / 300 + 2.0);
}

}  // namespace
}  // namespace heirloom::stats

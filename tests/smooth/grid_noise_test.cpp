#include "core/smooth/grid_noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "core/base/philox.h"
#include "core/stats/smoothing.h"

namespace heirloom::smooth {
namespace {

constexpr std::uint64_t kWhole = std::uint64_t{1} << 60;

TEST(GridNoise, InvertsTheDistributionAtItsEdges) {
  const GridNoise noise{base::Sigma(0.5)};
  EXPECT_EQ(noise.inverse(kWhole / 2), 0);
  // P(noise <= 0) = Phi(1 / 255): the first 60-bit number beyond it gives 1.
  const double edge = stats::normal_cdf(1.0 / 255.0) * static_cast<double>(kWhole);
  EXPECT_EQ(noise.inverse(static_cast<std::uint64_t>(edge * (1 - 1e-12))), 0);
  EXPECT_EQ(noise.inverse(static_cast<std::uint64_t>(edge * (1 + 1e-12))), 1);
  EXPECT_EQ(noise.inverse(0), -255 * 4);
  EXPECT_EQ(noise.inverse(kWhole - 1), GridNoise::kBeyond);
}

TEST(GridNoise, IsSymmetric) {
  const GridNoise noise{base::Sigma(0.25)};
  std::mt19937_64 generator(3);
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t bits = generator() >> 4;
    if (bits == 0) continue;
    const std::int32_t one = noise.inverse(bits);
    const std::int32_t other = noise.inverse(kWhole - 1 - bits);
    if (one != GridNoise::kBeyond && other != GridNoise::kBeyond) {
      EXPECT_EQ(one, -other);
    }
  }
}

// Chi-square of 200,000 draws in about 40 cells; beyond 100 has probability 1e-6 at most.
TEST(GridNoise, HasTheLawOfARoundedGaussian) {
  const double sigma = 0.04;  // about 10 in 255ths
  const GridNoise noise{base::Sigma(sigma)};
  base::PhiloxWords words(base::sha256("grid"));
  constexpr int kDraws = 200000;
  std::map<int, int> seen;
  for (int i = 0; i < kDraws; ++i) {
    const std::uint64_t low = words.next();
    const std::uint64_t high = words.next();
    ++seen[noise.inverse((low | high << 32) >> 4)];
  }
  const auto below = [&](int i) { return stats::normal_cdf((2 * i + 1) / (510.0 * sigma)); };
  double chi_square = 0.0;
  for (int i = -20; i <= 20; ++i) {
    const double expected = kDraws * (below(i) - below(i - 1));
    chi_square += (seen[i] - expected) * (seen[i] - expected) / expected;
  }
  EXPECT_LT(chi_square, 100.0);
  EXPECT_GT(chi_square, 10.0);
}

TEST(GridNoise, AddsWholeNumbersInChannelsLastOrderWithinTheCut) {
  const GridNoise noise{base::Sigma(0.5)};
  const jobs::InputShape shape{2, 3, 4};
  const std::vector<std::int32_t> black(24, 0);
  const std::vector<std::int32_t> white(24, 255);
  std::vector<float> from_black(24);
  std::vector<float> from_white(24);
  const base::Digest seed = base::sha256("seed");
  ASSERT_TRUE(noise.add(black, shape, seed, 7, from_black));
  ASSERT_TRUE(noise.add(white, shape, seed, 7, from_white));
  const base::PhiloxCounter block =
      base::philox4x32_10({1, 7, base::digest_word(seed, 2), base::digest_word(seed, 3)},
                          {base::digest_word(seed, 0), base::digest_word(seed, 1)});
  // Element 3 is the last of the first row of channel 0: place 3 * 2 in channels-last order.
  const std::int32_t third = noise.inverse((block[2] | std::uint64_t{block[3]} << 32) >> 4);
  EXPECT_EQ(from_black[6], static_cast<float>(third) / 255.0F);
  for (std::size_t i = 0; i < 24; ++i) {
    EXPECT_EQ(std::lround(from_white[i] * 255) - std::lround(from_black[i] * 255), 255);
    EXPECT_GE(from_black[i], -3.0F);
    EXPECT_LE(from_white[i], 4.0F);
  }
}

}  // namespace
}  // namespace heirloom::smooth

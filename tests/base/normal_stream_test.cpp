#include "core/base/normal_stream.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/philox.h"

namespace heirloom::base {
namespace {

std::vector<float> draw(const NormalStream& stream, std::uint32_t sample, std::size_t count) {
  std::vector<float> out(count);
  stream.fill(sample, out);
  return out;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Many values of one stream, for the statistical tests.
std::vector<double> sorted_sample(const char* seed) {
  const NormalStream stream(sha256(seed));
  std::vector<double> all;
  for (std::uint32_t j = 0; j < 1000; ++j) {
    for (const float value : draw(stream, j, 784)) all.push_back(value);
  }
  std::sort(all.begin(), all.end());
  return all;
}

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

// Noise version 1. A certificate issued with these bits must be repeatable for ever: if this fails,
// the change needs a new noise version.
TEST(NormalStream, KeepsTheBitsOfNoiseVersion1) {
  const std::vector<float> values = draw(NormalStream(sha256("noise version 1")), 7, 200);
  const std::vector<std::uint32_t> expected{0xbde7226b, 0xbd91be1d, 0x3f97e7b3,
                                            0x3f6693d8, 0xbe82e131, 0xbe429fd4};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(values[i * 33]), expected[i]) << "element " << i * 33;
  }
}

TEST(NormalStream, IsBoxMullerOnPhiloxBlocks) {
  const Digest seed = sha256("layout");
  const std::uint32_t sample = 12345;
  const std::vector<float> values = draw(NormalStream(seed), sample, 256);
  for (std::uint32_t element = 0; element < values.size(); ++element) {
    const std::uint32_t tile = element / 64;
    const std::uint32_t value = element % 64 / 16;
    const std::uint32_t block = 16 * tile + element % 16;
    const PhiloxCounter words =
        philox4x32_10({block, sample, digest_word(seed, 2), digest_word(seed, 3)},
                      {digest_word(seed, 0), digest_word(seed, 1)});
    const std::uint32_t pair = value / 2 * 2;
    const double u = ((words[pair] >> 1) + 0.5) / 2147483648.0;
    const double turn =
        static_cast<double>(words[pair + 1] >> 30) / 4 +
        static_cast<double>(static_cast<std::int32_t>(words[pair + 1] << 2)) / 4294967296.0 / 4;
    const double angle = 2 * std::numbers::pi * turn;
    const double expected =
        std::sqrt(-2 * std::log(u)) * (value % 2 == 0 ? std::cos(angle) : std::sin(angle));
    EXPECT_NEAR(values[element], expected, 3e-6 + 1e-6 * std::abs(expected)) << element;
  }
}

TEST(NormalStream, GivesTheSameBitsOnEveryInstructionSet) {
  const NormalStream stream(sha256("isa"));
  for (const std::size_t count : {1U, 15U, 64U, 784U, 3072U}) {
    std::vector<float> baseline(count);
    stream.fill_with(NormalStream::Isa::baseline, 3, baseline);
    EXPECT_TRUE(same_bits(baseline, draw(stream, 3, count)));
    for (const auto isa : {NormalStream::Isa::avx2, NormalStream::Isa::avx512}) {
      if (!NormalStream::supported(isa)) continue;
      std::vector<float> other(count);
      stream.fill_with(isa, 3, other);
      EXPECT_TRUE(same_bits(baseline, other)) << static_cast<int>(isa) << ' ' << count;
    }
  }
}

TEST(NormalStream, AShorterSpanGetsTheSameValues) {
  const NormalStream stream(sha256("prefix"));
  const std::vector<float> whole = draw(stream, 9, 784);
  for (const std::size_t count : {1U, 63U, 65U, 783U}) {
    EXPECT_TRUE(same_bits({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(count)},
                          draw(stream, 9, count)));
  }
}

TEST(NormalStream, SamplesAndEveryPartOfTheSeedThatIsUsedChangeTheValues) {
  Digest seed = sha256("seed");
  const std::vector<float> first = draw(NormalStream(seed), 0, 64);
  EXPECT_FALSE(same_bits(first, draw(NormalStream(seed), 1, 64)));
  for (const std::size_t byte : {0U, 7U, 8U, 15U}) {
    Digest other = seed;
    other.bytes[byte] ^= 1;
    EXPECT_FALSE(same_bits(first, draw(NormalStream(other), 0, 64))) << byte;
  }
}

TEST(NormalStream, HasTheMomentsOfANormal) {
  const std::vector<double> values = sorted_sample("moments");
  const auto n = static_cast<double>(values.size());
  double moments[5] = {};
  for (const double x : values) {
    for (int k = 1; k <= 4; ++k) moments[k] += std::pow(x, k) / n;
  }
  // Bounds of four standard errors: 1, sqrt 2, sqrt 15, sqrt 96 over sqrt n.
  const double error = 4 / std::sqrt(n);
  EXPECT_NEAR(moments[1], 0.0, error);
  EXPECT_NEAR(moments[2], 1.0, error * std::sqrt(2.0));
  EXPECT_NEAR(moments[3], 0.0, error * std::sqrt(15.0));
  EXPECT_NEAR(moments[4], 3.0, error * std::sqrt(96.0));
}

TEST(NormalStream, FollowsTheNormalDistribution) {
  const std::vector<double> values = sorted_sample("kolmogorov");
  const auto n = static_cast<double>(values.size());
  double distance = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double cdf = normal_cdf(values[i]);
    const auto below = static_cast<double>(i);
    distance = std::max({distance, cdf - below / n, (below + 1) / n - cdf});
  }
  EXPECT_LT(distance * std::sqrt(n), 1.95);  // Kolmogorov's 0.999 quantile
}

TEST(NormalStream, HasTheTailsOfANormal) {
  const std::vector<double> values = sorted_sample("tails");
  const auto n = static_cast<double>(values.size());
  for (const double at : {2.0, 3.0, 4.0}) {
    const double expected = n * 2 * normal_cdf(-at);
    const auto beyond =
        std::count_if(values.begin(), values.end(), [&](double x) { return std::abs(x) > at; });
    EXPECT_NEAR(static_cast<double>(beyond), expected, 4 * std::sqrt(expected)) << at;
  }
}

TEST(NormalStream, NeighbouringElementsAndSamplesAreUncorrelated) {
  const NormalStream stream(sha256("correlation"));
  std::vector<float> previous = draw(stream, 0, 784);
  double with_next = 0.0;
  double with_pair = 0.0;
  double with_sample = 0.0;
  double n = 0.0;
  for (std::uint32_t j = 1; j < 500; ++j) {
    const std::vector<float> values = draw(stream, j, 784);
    for (std::size_t i = 0; i + 16 < values.size(); ++i, ++n) {
      with_next += values[i] * values[i + 1];
      with_pair += values[i] * values[i + 16];  // the other half of a Box-Muller pair
      with_sample += values[i] * previous[i];
    }
    previous = values;
  }
  const double bound = 4 / std::sqrt(n);
  EXPECT_LT(std::abs(with_next / n), bound);
  EXPECT_LT(std::abs(with_pair / n), bound);
  EXPECT_LT(std::abs(with_sample / n), bound);
}

}  // namespace
}  // namespace heirloom::base

#include "core/base/philox.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace heirloom::base {
namespace {

// The three vectors of Random123's kat_vectors file.
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox4x32_10({0, 0, 0, 0}, {0, 0}),
            (PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32_10({ones, ones, ones, ones}, {ones, ones}),
            (PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(
      philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
      (PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, WordsAreTheBlocksInOrder) {
  const Digest seed = sha256("seed");
  PhiloxWords words(seed);
  for (std::uint32_t block = 0; block < 3; ++block) {
    const PhiloxCounter expected =
        philox4x32_10({block, 0, digest_word(seed, 2), digest_word(seed, 3)},
                      {digest_word(seed, 0), digest_word(seed, 1)});
    for (const std::uint32_t word : expected) EXPECT_EQ(words.next(), word);
  }
}

TEST(Philox, DigestWordsAreLittleEndian) {
  Digest digest;
  digest.bytes[4] = 0x01;
  digest.bytes[7] = 0x80;
  EXPECT_EQ(digest_word(digest, 0), 0U);
  EXPECT_EQ(digest_word(digest, 1), 0x80000001U);
}

TEST(Philox, BoundedWordsAreUniform) {
  PhiloxWords words(sha256("bounded"));
  std::array<int, 6> counts{};
  constexpr int draws = 60000;
  for (int i = 0; i < draws; ++i) ++counts.at(words.below(6));
  double chi2 = 0.0;
  for (const int count : counts) chi2 += (count - 10000.0) * (count - 10000.0) / 10000.0;
  EXPECT_LT(chi2, 20.5);  // 0.999 quantile with 5 degrees of freedom
}

TEST(Philox, UnitNumbersFillTheHalfOpenInterval) {
  PhiloxWords words(sha256("unit"));
  float low = 1.0F;
  float high = 0.0F;
  double sum = 0.0;
  for (int i = 0; i < 100000; ++i) {
    const float value = words.unit();
    low = std::min(low, value);
    high = std::max(high, value);
    sum += value;
  }
  EXPECT_GE(low, 0.0F);
  EXPECT_LT(low, 1e-3F);
  EXPECT_LT(high, 1.0F);
  EXPECT_GT(high, 0.999F);
  EXPECT_NEAR(sum / 100000, 0.5, 0.004);
}

}  // namespace
}  // namespace heirloom::base

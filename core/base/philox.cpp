#include "core/base/philox.h"

namespace heirloom::base {
namespace {

constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;

}  // namespace

PhiloxCounter philox4x32_10(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{kMultiplier0} * counter[0];
    const std::uint64_t product1 = std::uint64_t{kMultiplier1} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

std::uint32_t digest_word(const Digest& digest, unsigned index) {
  std::uint32_t word = 0;
  for (unsigned i = 4; i-- > 0;) word = (word << 8) | digest.bytes[4 * index + i];
  return word;
}

PhiloxWords::PhiloxWords(const Digest& seed)
    : key_{digest_word(seed, 0), digest_word(seed, 1)},
      counter_{0, 0, digest_word(seed, 2), digest_word(seed, 3)} {}

std::uint32_t PhiloxWords::next() {
  if (used_ == 4) {
    block_ = philox4x32_10(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[used_++];
}

std::uint32_t PhiloxWords::below(std::uint32_t bound) {
  // The words below 2^32 mod bound would favour the small values: draw again.
  const std::uint32_t rejected = (0U - bound) % bound;
  std::uint32_t word = next();
  while (word < rejected) word = next();
  return word % bound;
}

float PhiloxWords::unit() {
  return static_cast<float>(next() >> 8) * 0x1p-24F;
}

}  // namespace heirloom::base

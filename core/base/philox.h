// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a block of
// four random words as a pure function of a counter and a key. No state, so any block of any
// stream can be had at any time on any thread.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/digest.h"

namespace heirloom::base {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

PhiloxCounter philox4x32_10(PhiloxCounter counter, PhiloxKey key);

// Random words in sequence: bytes 0-7 of `seed` are the key, bytes 8-15 the upper counter words
// (little endian), and the lower counter words number the blocks. For permutations, mixing
// weights and drawings; Gaussian noise comes from NormalStream. Not thread-safe.
class PhiloxWords {
 public:
  explicit PhiloxWords(const Digest& seed);

  std::uint32_t next();
  // Uniform on {0, ..., bound - 1} without bias; `bound` is positive.
  std::uint32_t below(std::uint32_t bound);
  // Uniform on [0, 1): 24 bits, exact in a float.
  float unit();

 private:
  PhiloxKey key_{};
  PhiloxCounter counter_{};
  PhiloxCounter block_{};
  unsigned used_ = 4;
};

// Word `index` (0-7) of a digest, little endian.
std::uint32_t digest_word(const Digest& digest, unsigned index);

}  // namespace heirloom::base

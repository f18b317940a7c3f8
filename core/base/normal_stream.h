// Standard normal float32 noise as a pure function of (seed, sample number, element).
//
// Noise version 1, on which every certificate rests; a change of one bit is a new version:
//   key      = bytes 0-7 of the seed as two little-endian words; counter words 2, 3 = bytes 8-15
//   counter  = (block, sample, seed word 2, seed word 3), one Philox4x32-10 call a block
//   element  = 64 * tile + 16 * k + lane takes value k (0-3) of block 16 * tile + lane, so that
//              sixteen neighbouring elements come from sixteen blocks and are one vector
//   values   = Box-Muller on words (0, 1) and (2, 3): radius sqrt(-2 ln u) with u from the upper
//              31 bits of the first word, angle from all bits of the second; float32 arithmetic
//              with every operation rounded once (no contraction), own polynomials for ln, sin and
//              cos. The largest value is 6.66.
// The bits are the same for every instruction set and compiler that keeps IEEE 754 arithmetic.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/digest.h"

namespace heirloom::base {

// Thread-safe: it has no state but its seed.
class NormalStream {
 public:
  explicit NormalStream(const Digest& seed);

  // The first out.size() elements of sample `sample`. A shorter span gets the same values.
  void fill(std::uint32_t sample, std::span<float> out) const;

  // The same bits by the code for one instruction set, so that tests can compare them.
  enum class Isa { baseline, avx2, avx512 };
  static bool supported(Isa isa);
  void fill_with(Isa isa, std::uint32_t sample, std::span<float> out) const;

 private:
  std::uint32_t words_[4];
};

}  // namespace heirloom::base

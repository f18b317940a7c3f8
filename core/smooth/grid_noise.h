// Gaussian noise rounded to the grid of 1/255, for which a certificate holds in floating point too
// (Voracek and Hein 2022, "Sound randomized smoothing in floating-point arithmetic").
//
// A float sum x + e leaks the low bits of x, so a certificate computed from it is not quite sound.
// Here image and noise are integers (multiples of 1/255): round(255 x + 255 e) has exactly the law
// of a rounded Gaussian around x, whatever x is, and everything after it is part of the classifier.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/digest.h"
#include "core/base/strong.h"
#include "core/jobs/model_spec.h"

namespace heirloom::smooth {

// Immutable; threads may share one.
class GridNoise {
 public:
  // The noise is that of `sigma`; sums are cut to [-k, k + 1] with k = max(1, floor(6 sigma)).
  explicit GridNoise(base::Sigma sigma);

  // out = (image + sample `sample` of the noise) / 255. `image` holds integers in [C, H, W] order;
  // `out` is channels-last, as in core/smooth/noisy_input.h. Element e takes 60 bits of words
  // 2 (e mod 2) and 2 (e mod 2) + 1 of the Philox block (e div 2, sample) of the seed. False if one
  // fell into the last 2^-60ths, where the inverse is cut off: such a draw must count as a failure.
  bool add(std::span<const std::int32_t> image, const jobs::InputShape& shape,
           const base::Digest& seed, std::uint32_t sample, std::span<float> out) const;

  // The integer for 60 uniform bits; kBeyond in the last of them.
  static constexpr std::int32_t kBeyond = INT32_MAX;
  std::int32_t inverse(std::uint64_t bits) const;

 private:
  std::int32_t reach_;  // 255 (k + 1): inverse() is at least -reach_
  std::int32_t low_;    // the cut, in 255ths
  std::int32_t high_;
  std::vector<std::uint64_t> thresholds_;  // [i]: 2^60 P(noise <= i - reach_)
  std::vector<std::uint32_t> guide_;       // by the top 12 of 60 bits: where to begin
};

}  // namespace heirloom::smooth

// Maximum mean discrepancy of two samples of points (Gretton et al. 2012, "A kernel two-sample
// test"), with its p-value by permutation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/philox.h"
#include "core/stats/permutation.h"

namespace heirloom::stats {

// Rows of `width` floats each. Not owned.
struct Points {
  std::span<const float> values;
  std::size_t width = 0;

  std::size_t size() const { return width == 0 ? 0 : values.size() / width; }
  std::span<const float> row(std::size_t index) const {
    return values.subspan(index * width, width);
  }
};

struct MeanDiscrepancy {
  double squared = 0.0;  // unbiased estimate of MMD^2, which can be below 0; in units of the kernel
  double p_value = 1.0;
  std::uint64_t draws = 0;
};

// Kernel exp(-d^2 / s), s the median of d^2 over all pairs of both samples (1 where that is 0).
// Memory is 4 (m + n)^2 bytes, and a draw takes time n^2: y is the smaller sample. At least two
// points in each.
MeanDiscrepancy mean_discrepancy(const Points& x, const Points& y, std::uint64_t most,
                                 base::PhiloxWords& words);

}  // namespace heirloom::stats

// The exact paired non-inferiority test of `champion - margin` (docs/statistics.md section 4).
#pragma once

#include <cstdint>

namespace heirloom::stats {

// b: certified for the champion only; c: for the challenger only; n pairs; 0 < margin < 1.
// p-value of H0: p_c - p_b <= -margin. The gate passes iff p <= rho; rho also sets the level
// rho / 1000 that the nuisance parameter's confidence interval costs.
double non_inferiority_p_value(std::int64_t b, std::int64_t c, std::int64_t n, double margin,
                               double rho);

// A lower confidence bound, level rho, of p_c - p_b: the negative of the smallest margin that
// passes, found by bisection; for display beside the threshold -margin.
double paired_difference_lower(std::int64_t b, std::int64_t c, std::int64_t n, double rho);

}  // namespace heirloom::stats

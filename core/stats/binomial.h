// Exact binomial tails and the Clopper-Pearson bounds.
#pragma once

#include <cstdint>

#include "core/stats/interval.h"

namespace heirloom::stats {

// P(Bin(n, p) >= k) and P(Bin(n, p) <= k). k may be anything; p in [0, 1].
double binomial_at_least(std::int64_t k, std::int64_t n, double p);
double binomial_at_most(std::int64_t k, std::int64_t n, double p);

// One-sided Clopper-Pearson bounds at level alpha: the p for which the tail of k is alpha.
// lower: 0 at k = 0, alpha^(1/n) at k = n. upper: 1 at k = n. Rounded outward by a few ulps.
double clopper_pearson_lower(std::int64_t k, std::int64_t n, double alpha);
double clopper_pearson_upper(std::int64_t k, std::int64_t n, double alpha);

// The two-sided interval of confidence 1 - alpha: both bounds at alpha / 2. [0, 1] when it cannot
// be computed.
Interval clopper_pearson(std::int64_t k, std::int64_t n, double alpha);

}  // namespace heirloom::stats

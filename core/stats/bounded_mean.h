// Confidence bounds for the mean of bounded values (Maurer and Pontil 2009, Theorem 4: the
// empirical Bernstein bound). ACR gates rest on the lower one (docs/statistics.md section 1).
#pragma once

#include <cstddef>
#include <span>

#include "core/stats/interval.h"

namespace heirloom::stats {

// `values` lie in [low, high]. Fewer than two of them, or one outside, prove nothing: then the
// bound is `low` (lower) or `high` (upper). Confidence 1 - rho each.
double mean_lower(std::span<const double> values, double low, double high, double rho);
double mean_upper(std::span<const double> values, double low, double high, double rho);

// The two-sided interval of confidence 1 - rho: both bounds at rho / 2.
Interval mean_interval(std::span<const double> values, double low, double high, double rho);

// How far from the observed mean of `count` values either bound lies, if their sample variance is
// `variance` and high - low is `range`. Infinite for fewer than two values.
double mean_slack(std::size_t count, double variance, double range, double rho);

}  // namespace heirloom::stats

// A lower confidence bound for the mean of bounded values (Maurer and Pontil 2009, Theorem 4:
// the empirical Bernstein bound). ACR gates rest on it (docs/statistics.md section 1).
#pragma once

#include <cstddef>
#include <span>

namespace heirloom::stats {

// `values` lie in [low, high]; needs at least two, else `low` is returned. Confidence 1 - rho.
double mean_lower(std::span<const double> values, double low, double high, double rho);

// How far below the observed mean of `count` values that bound lies, if their sample variance is
// `variance` and high - low is `range`. Infinite for fewer than two values.
double mean_slack(std::size_t count, double variance, double range, double rho);

}  // namespace heirloom::stats

// Tests and bounds for shares of a population, with the per-example level alpha paid for
// (docs/statistics.md section 1). K of n examples certified, independent noise per example.
#pragma once

#include <cstdint>

namespace heirloom::stats {

// Lower bound, confidence 1 - rho, of the share of the population that is truly certified:
// max(0, (CP_lower(K, n, rho) - alpha) / (1 - alpha)).
double certified_share_lower(std::int64_t certified, std::int64_t n, double rho, double alpha);

// p-value of "the true share is at most tau": P(Bin(n, tau + (1 - tau) alpha) >= K). The gate
// `at_least: tau` passes iff it is <= rho.
double certified_share_p_value(std::int64_t certified, std::int64_t n, double tau, double alpha);

// Smallest K that passes `at_least: tau` at level rho; n + 1 when not even K = n does.
std::int64_t smallest_passing_count(std::int64_t n, double tau, double rho, double alpha);

// An `at_most: tau` gate on a plain share (abstentions): p-value P(Bin(n, tau) <= A), and the
// upper bound that goes with it.
double share_at_most_p_value(std::int64_t count, std::int64_t n, double tau);
double share_upper(std::int64_t count, std::int64_t n, double rho);

// At least this many examples of the very set that was certified are truly robust, with
// confidence 1 - rho: min{s : P(Bin(n - s, alpha) >= K - s) > rho}.
std::int64_t certified_in_set_lower(std::int64_t certified, std::int64_t n, double rho,
                                    double alpha);

}  // namespace heirloom::stats

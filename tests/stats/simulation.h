// Planted truths and how often a bound misses them. Seeds are fixed, so a test passes always or
// never; with a new seed a right bound would fail one three_errors() comparison in about 740 (one
// in 370 where both sides are compared).
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace heirloom::stats {

inline constexpr int kRuns = 10000;

// Three standard errors of a share near `level` seen over kRuns runs.
inline double three_errors(double level) {
  return 3.0 * std::sqrt(level * (1.0 - level) / kRuns);
}

// The share of kRuns runs in which `misses(generator)` is true.
template <typename Misses>
double miss_rate(std::uint64_t seed, const Misses& misses) {
  std::mt19937_64 generator(seed);
  int missed = 0;
  for (int run = 0; run < kRuns; ++run) missed += misses(generator) ? 1 : 0;
  return static_cast<double>(missed) / kRuns;
}

inline std::int64_t draw_binomial(std::mt19937_64& generator, std::int64_t n, double p) {
  return std::binomial_distribution<std::int64_t>(n, p)(generator);
}

}  // namespace heirloom::stats

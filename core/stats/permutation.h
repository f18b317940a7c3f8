// Monte-Carlo p-values of Besag and Clifford (1991, "Sequential Monte Carlo p-values"): draws stop
// as soon as the observed statistic is plainly nothing special.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/base/philox.h"

namespace heirloom::stats {

struct MonteCarlo {
  double p_value = 1.0;
  std::uint64_t draws = 0;
};

// Draws statistics of the null law until `kExceedances` of them are at least `observed` (then
// p = kExceedances / draws), at most `most` (then p = (exceedances + 1) / (most + 1)). Valid at any
// level: P(p <= a) <= a. Level a can be reached only with most >= draws_for(a).
inline constexpr std::uint64_t kExceedances = 10;
MonteCarlo monte_carlo(double observed, const std::function<double()>& draw, std::uint64_t most);
std::uint64_t draws_for(double level);

// The chi-square of two samples' class counts under random exchange of their members.
MonteCarlo chi_square_test(std::span<const std::uint64_t> x, std::span<const std::uint64_t> y,
                           std::uint64_t most, base::PhiloxWords& words);

// A subset of {0, ..., population - 1} of the given size, drawn evenly, and again at each call.
class RandomSubset {
 public:
  RandomSubset(std::size_t population, std::size_t size);

  // Valid until the next call; in no order.
  std::span<const std::uint32_t> draw(base::PhiloxWords& words);

 private:
  std::vector<std::uint32_t> order_;
  std::size_t size_;
};

}  // namespace heirloom::stats

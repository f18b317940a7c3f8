// How far two samples are apart, and how likely that is when they come from one law
// (docs/drift.md). All p-values are valid for any sizes and with ties.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace heirloom::stats {

// Two-sample Kolmogorov-Smirnov: D = sup |F1 - F2|, and the exact P(distance >= D) over all orders
// of the m + n values, by counting lattice paths (Hodges 1958, "The significance probability of the
// Smirnov two-sample test"). Ties only make it too large. Time m times n; neither sample is empty.
struct KolmogorovSmirnov {
  double distance = 0.0;
  double p_value = 1.0;
};
KolmogorovSmirnov kolmogorov_smirnov(std::vector<double> x, std::vector<double> y);

// Pearson's chi-square of a 2 x K table: one count a class in each sample. Classes that neither
// sample has are left out.
double chi_square(std::span<const std::uint64_t> x, std::span<const std::uint64_t> y);

// Half the sum of |p - q|: what share of one sample would have to change its class.
double total_variation(std::span<const std::uint64_t> x, std::span<const std::uint64_t> y);

// Population stability index of `y` against `x`, in `bins` bins that hold equal shares of `x`:
// sum (q - p) ln(q / p), with half a count added to each bin. A rule of thumb, not a test: below
// 0.1 stable, above 0.25 major, for samples of hundreds.
double population_stability(std::vector<double> x, std::span<const double> y, std::size_t bins);

}  // namespace heirloom::stats

#include "core/stats/two_sample.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace heirloom::stats {
namespace {

// max |i n - j m| over all points of the line, i values of x and j of y below it: D times m n.
std::int64_t largest_gap(const std::vector<double>& x, const std::vector<double>& y) {
  const auto m = static_cast<std::int64_t>(x.size());
  const auto n = static_cast<std::int64_t>(y.size());
  std::size_t i = 0;
  std::size_t j = 0;
  std::int64_t gap = 0;
  while (i < x.size() && j < y.size()) {
    const double value = std::min(x[i], y[j]);
    while (i < x.size() && x[i] == value) ++i;
    while (j < y.size() && y[j] == value) ++j;
    gap = std::max(gap,
                   std::abs(static_cast<std::int64_t>(i) * n - static_cast<std::int64_t>(j) * m));
  }
  return gap;
}

// The share of all orders whose path from (0, 0) to (m, n) comes `gap` or more away from the
// diagonal somewhere. Of the paths to (i, j), i in i + j come from (i - 1, j).
double share_beyond(std::int64_t m, std::int64_t n, std::int64_t gap) {
  std::vector<double> beyond(static_cast<std::size_t>(n) + 1);
  for (std::int64_t i = 0; i <= m; ++i) {
    for (std::int64_t j = 0; j <= n; ++j) {
      double& here = beyond[static_cast<std::size_t>(j)];
      if (std::abs(i * n - j * m) >= gap) {
        here = 1.0;
      } else if (i == 0 && j == 0) {
        here = 0.0;
      } else {
        const double from_left = j == 0 ? 0.0 : beyond[static_cast<std::size_t>(j) - 1];
        const double from_below = i == 0 ? 0.0 : here;
        here = (static_cast<double>(i) * from_below + static_cast<double>(j) * from_left) /
               static_cast<double>(i + j);
      }
    }
  }
  return beyond.back();
}

double total(std::span<const std::uint64_t> counts) {
  return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
}

}  // namespace

KolmogorovSmirnov kolmogorov_smirnov(std::vector<double> x, std::vector<double> y) {
  std::sort(x.begin(), x.end());
  std::sort(y.begin(), y.end());
  const auto m = static_cast<std::int64_t>(x.size());
  const auto n = static_cast<std::int64_t>(y.size());
  const std::int64_t gap = largest_gap(x, y);
  if (gap == 0) return {0.0, 1.0};
  return {static_cast<double>(gap) / (static_cast<double>(m) * static_cast<double>(n)),
          share_beyond(m, n, gap)};
}

double chi_square(std::span<const std::uint64_t> x, std::span<const std::uint64_t> y) {
  const double m = total(x);
  const double n = total(y);
  double sum = 0.0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double both = static_cast<double>(x[k]) + static_cast<double>(y[k]);
    if (both == 0.0) continue;
    const double in_x = both * m / (m + n);
    const double in_y = both * n / (m + n);
    const double off = static_cast<double>(x[k]) - in_x;
    sum += off * off / in_x + off * off / in_y;
  }
  return sum;
}

double total_variation(std::span<const std::uint64_t> x, std::span<const std::uint64_t> y) {
  const double m = total(x);
  const double n = total(y);
  double sum = 0.0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    sum += std::abs(static_cast<double>(x[k]) / m - static_cast<double>(y[k]) / n);
  }
  return sum / 2.0;
}

double population_stability(std::vector<double> x, std::span<const double> y, std::size_t bins) {
  std::sort(x.begin(), x.end());
  std::vector<double> edges;  // the last value of each bin but the last
  for (std::size_t b = 1; b < bins; ++b) edges.push_back(x[(b * x.size() - 1) / bins]);
  const auto counts = [&](std::span<const double> values) {
    std::vector<double> out(bins, 0.5);
    for (const double value : values) {
      const auto edge = std::lower_bound(edges.begin(), edges.end(), value);
      out[static_cast<std::size_t>(edge - edges.begin())] += 1.0;
    }
    for (double& count : out)
      count /= static_cast<double>(values.size()) + 0.5 * static_cast<double>(bins);
    return out;
  };
  const std::vector<double> p = counts(x);
  const std::vector<double> q = counts(y);
  double sum = 0.0;
  for (std::size_t b = 0; b < bins; ++b) sum += (q[b] - p[b]) * std::log(q[b] / p[b]);
  return sum;
}

}  // namespace heirloom::stats

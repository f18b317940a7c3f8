#include "core/stats/bounded_mean.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace heirloom::stats {
namespace {

struct Estimate {
  double mean = 0.0;
  double slack = 0.0;
};

// Nothing when the values prove nothing.
std::optional<Estimate> estimate_mean(std::span<const double> values, double low, double high,
                                      double rho) {
  if (values.size() < 2 || !(low < high) || !(rho > 0.0 && rho < 1.0)) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  double sum = 0.0;
  for (const double value : values) {
    // The bound holds for values of the range only; a NaN or a stray value proves nothing.
    if (!(value >= low && value <= high)) return std::nullopt;
    sum += value;
  }
  const double mean = sum / n;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return Estimate{mean, mean_slack(values.size(), squares / (n - 1.0), high - low, rho)};
}

}  // namespace

double mean_slack(std::size_t count, double variance, double range, double rho) {
  if (count < 2 || !(rho > 0.0 && rho < 1.0)) return std::numeric_limits<double>::infinity();
  const auto n = static_cast<double>(count);
  const double log_term = std::log(2.0 / rho);
  return std::sqrt(2.0 * variance * log_term / n) + range * 7.0 * log_term / (3.0 * (n - 1.0));
}

double mean_lower(std::span<const double> values, double low, double high, double rho) {
  const auto estimate = estimate_mean(values, low, high, rho);
  return estimate ? std::max(low, estimate->mean - estimate->slack) : low;
}

double mean_upper(std::span<const double> values, double low, double high, double rho) {
  const auto estimate = estimate_mean(values, low, high, rho);
  return estimate ? std::min(high, estimate->mean + estimate->slack) : high;
}

Interval mean_interval(std::span<const double> values, double low, double high, double rho) {
  return {mean_lower(values, low, high, rho / 2.0), mean_upper(values, low, high, rho / 2.0)};
}

}  // namespace heirloom::stats

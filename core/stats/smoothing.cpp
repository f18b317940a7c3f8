#include "core/stats/smoothing.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/math/special_functions/erf.hpp>

#include "core/stats/binomial.h"

namespace heirloom::stats {

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

double normal_quantile(double p) {
  if (!(p > 0.0 && p < 1.0)) return std::numeric_limits<double>::quiet_NaN();
  return -std::sqrt(2.0) * boost::math::erfc_inv(2.0 * p);
}

double certified_radius(double sigma, double p_lower) {
  constexpr double kUnit = 1e6;  // millionths
  // A bound of 1 is no Clopper-Pearson bound, and would give an infinite radius: claim nothing.
  if (!(p_lower >= 0.5 && p_lower < 1.0) || !(sigma > 0.0) || !std::isfinite(sigma)) return 0.0;
  // The quantile is good to a few ulps; take them off before rounding down.
  const double radius =
      sigma * normal_quantile(p_lower) * (1.0 - 8.0 * std::numeric_limits<double>::epsilon());
  double units = std::floor(radius * kUnit);
  if (units / kUnit > radius) units -= 1.0;
  return std::max(0.0, units / kUnit);
}

double predict_p_value(std::int64_t n1, std::int64_t n2) {
  if (n1 < 0 || n2 < 0) return std::numeric_limits<double>::quiet_NaN();
  return std::min(1.0, 2.0 * binomial_at_least(std::max(n1, n2), n1 + n2, 0.5));
}

double exact_radius_ceiling(double sigma, std::uint64_t n, double alpha) {
  if (n > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return 0.0;
  const auto draws = static_cast<std::int64_t>(n);
  return certified_radius(sigma, clopper_pearson_lower(draws, draws, alpha));
}

}  // namespace heirloom::stats

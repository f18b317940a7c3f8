#include "core/stats/binomial.h"

#include <cmath>
#include <limits>

#include <boost/math/special_functions/beta.hpp>

namespace heirloom::stats {
namespace {

// Whether a bound can be computed at all. The callers give the bound that claims nothing if not.
bool sensible(std::int64_t k, std::int64_t n, double alpha) {
  return n > 0 && k >= 0 && k <= n && alpha > 0.0 && alpha < 1.0;
}

// Moves `p` by growing steps (a few ulps, then more) until `holds(p)`: the inverse of the beta
// function is good to some ulps only, and a bound must err on the safe side.
template <typename Holds>
double nudge(double p, double direction, const Holds& holds) {
  double step = std::numeric_limits<double>::epsilon();
  for (int i = 0; i < 40 && !holds(p); ++i, step *= 2.0) {
    p = std::min(1.0, std::max(0.0, p * (1.0 + direction * step)));
  }
  return p;
}

}  // namespace

double binomial_at_least(std::int64_t k, std::int64_t n, double p) {
  if (!(p >= 0.0 && p <= 1.0) || n < 0) return std::numeric_limits<double>::quiet_NaN();
  if (k <= 0) return 1.0;
  if (k > n || p == 0.0) return 0.0;
  if (p == 1.0) return 1.0;
  return boost::math::ibeta(static_cast<double>(k), static_cast<double>(n - k + 1), p);
}

double binomial_at_most(std::int64_t k, std::int64_t n, double p) {
  if (!(p >= 0.0 && p <= 1.0) || n < 0) return std::numeric_limits<double>::quiet_NaN();
  if (k < 0) return 0.0;
  if (k >= n || p == 0.0) return 1.0;
  if (p == 1.0) return 0.0;
  return boost::math::ibetac(static_cast<double>(k + 1), static_cast<double>(n - k), p);
}

double clopper_pearson_lower(std::int64_t k, std::int64_t n, double alpha) {
  if (!sensible(k, n, alpha) || k == 0) return 0.0;
  const double p = k == n ? std::exp(std::log(alpha) / static_cast<double>(n))
                          : boost::math::ibeta_inv(static_cast<double>(k),
                                                   static_cast<double>(n - k + 1), alpha);
  return nudge(p, -1.0, [&](double q) { return binomial_at_least(k, n, q) <= alpha; });
}

double clopper_pearson_upper(std::int64_t k, std::int64_t n, double alpha) {
  if (!sensible(k, n, alpha) || k == n) return 1.0;
  const double p = k == 0 ? -std::expm1(std::log(alpha) / static_cast<double>(n))
                          : boost::math::ibetac_inv(static_cast<double>(k + 1),
                                                    static_cast<double>(n - k), alpha);
  return nudge(p, 1.0, [&](double q) { return binomial_at_most(k, n, q) <= alpha; });
}

Interval clopper_pearson(std::int64_t k, std::int64_t n, double alpha) {
  if (!sensible(k, n, alpha)) return {0.0, 1.0};
  return {clopper_pearson_lower(k, n, alpha / 2.0), clopper_pearson_upper(k, n, alpha / 2.0)};
}

}  // namespace heirloom::stats

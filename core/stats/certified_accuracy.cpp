#include "core/stats/certified_accuracy.h"

#include <algorithm>

#include "core/stats/binomial.h"

namespace heirloom::stats {
namespace {

bool is_count(std::int64_t count, std::int64_t n) {
  return n > 0 && count >= 0 && count <= n;
}
bool is_level(double x) {
  return x > 0.0 && x < 1.0;
}

}  // namespace

double certified_share_lower(std::int64_t certified, std::int64_t n, double rho, double alpha) {
  if (!is_count(certified, n) || !is_level(rho) || !is_level(alpha)) return 0.0;
  return std::max(0.0, (clopper_pearson_lower(certified, n, rho) - alpha) / (1.0 - alpha));
}

double certified_share_p_value(std::int64_t certified, std::int64_t n, double tau, double alpha) {
  if (!is_count(certified, n) || !(tau >= 0.0 && tau <= 1.0) || !is_level(alpha)) return 1.0;
  // An example that is not truly certified is counted all the same with probability alpha.
  return binomial_at_least(certified, n, tau + (1.0 - tau) * alpha);
}

std::int64_t smallest_passing_count(std::int64_t n, double tau, double rho, double alpha) {
  if (n <= 0 || !is_level(rho)) return std::max<std::int64_t>(n, 0) + 1;
  std::int64_t low = 0;  // every count below passes not; `high` passes, or is n + 1
  std::int64_t high = n + 1;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (certified_share_p_value(middle, n, tau, alpha) <= rho) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}

double share_at_most_p_value(std::int64_t count, std::int64_t n, double tau) {
  if (!is_count(count, n) || !(tau >= 0.0 && tau <= 1.0)) return 1.0;
  return binomial_at_most(count, n, tau);
}

double share_upper(std::int64_t count, std::int64_t n, double rho) {
  if (!is_count(count, n) || !is_level(rho)) return 1.0;
  return clopper_pearson_upper(count, n, rho);
}

std::int64_t certified_in_set_lower(std::int64_t certified, std::int64_t n, double rho,
                                    double alpha) {
  if (!is_count(certified, n) || !is_level(rho) || !is_level(alpha)) return 0;
  // The tail grows with s: one fewer chance of a false certificate, and one fewer is needed.
  std::int64_t low = 0;
  std::int64_t high = certified;
  while (low < high) {
    const std::int64_t s = low + (high - low) / 2;
    if (binomial_at_least(certified - s, n - s, alpha) > rho) {
      high = s;
    } else {
      low = s + 1;
    }
  }
  return high;
}

}  // namespace heirloom::stats

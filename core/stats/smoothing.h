// Radii of randomized smoothing (Cohen et al. 2019, Theorem 1; one-sided form).
#pragma once

#include <cstdint>

namespace heirloom::stats {

double normal_cdf(double x);
double normal_quantile(double p);  // 0 < p < 1

// sigma * Phi^-1(p_lower), rounded down to a millionth and never below 0. p_lower >= 1/2.
double certified_radius(double sigma, double p_lower);

// The largest radius exact mode can give: every one of n draws agrees, p_lower = alpha^(1/n).
double exact_radius_ceiling(double sigma, std::uint64_t n, double alpha);

}  // namespace heirloom::stats

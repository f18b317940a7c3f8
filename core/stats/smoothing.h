// Radii of randomized smoothing (Cohen et al. 2019, Theorem 1; one-sided form).
#pragma once

#include <cstdint>

namespace heirloom::stats {

double normal_cdf(double x);
double normal_quantile(double p);  // 0 < p < 1

// sigma * Phi^-1(p_lower), rounded down to a millionth and never below 0. p_lower >= 1/2.
double certified_radius(double sigma, double p_lower);

// PREDICT (Cohen et al. 2019, section 3.2.1): how surprising it is that the two classes with most
// votes got n1 and n2, if they were equally likely. The exact two-sided binomial test at 1/2, so
// 2 P(Bin(n1 + n2, 1/2) >= max(n1, n2)), at most 1; 1 for no votes at all. NaN for negative counts.
double predict_p_value(std::int64_t n1, std::int64_t n2);

// The largest radius exact mode can give: every one of n draws agrees, p_lower = alpha^(1/n).
double exact_radius_ceiling(double sigma, std::uint64_t n, double alpha);

}  // namespace heirloom::stats

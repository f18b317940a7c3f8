#include "core/stats/ledger.h"

namespace heirloom::stats {
namespace {

// C(n, k), exact while it fits a double's 53 bits and nearly so beyond.
double choose(std::int64_t n, std::int64_t k) {
  double result = 1.0;
  for (std::int64_t j = 1; j <= k; ++j) {
    result = result * static_cast<double>(n - k + j) / static_cast<double>(j);
  }
  return result;
}

}  // namespace

double ledger_level(const LedgerTerms& terms, std::int64_t candidate, std::int64_t promotions) {
  const bool terms_hold =
      terms.candidates >= 1 && terms.promotions >= 0 && terms.risk > 0.0 && terms.risk < 1.0;
  if (!terms_hold || candidate < 1 || candidate > terms.candidates || promotions < 0 ||
      promotions > terms.promotions || promotions > candidate - 1) {
    return 0.0;
  }
  const double nodes = static_cast<double>(terms.promotions + 1) *
                       static_cast<double>(terms.candidates) * choose(candidate - 1, promotions);
  return terms.risk / nodes;
}

}  // namespace heirloom::stats

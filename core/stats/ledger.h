// The holdout ledger (docs/statistics.md section 5): at which level the next candidate is judged
// so that the chance of any false promotion in a holdout's life stays within its risk.
#pragma once

#include <cstdint>

namespace heirloom::stats {

struct LedgerTerms {
  std::int64_t candidates = 20;  // H: candidates the holdout is planned for
  std::int64_t promotions = 3;   // k: promotions it may give
  double risk = 0.05;            // delta
};

// rho(t, i) = risk / ((promotions + 1) candidates C(t-1, i)) for candidate number t (from 1) after
// i promotions. 0 when the holdout is exhausted (t > candidates, or i > promotions): nothing can
// pass at level 0.
double ledger_level(const LedgerTerms& terms, std::int64_t candidate, std::int64_t promotions);

}  // namespace heirloom::stats

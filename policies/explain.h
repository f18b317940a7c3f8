// Why a gate ended as it did: what it lacked, and how much evidence would have decided it.
#pragma once

#include <cstdint>
#include <optional>

#include "policies/judge.h"

namespace heirloom::policies {

// How many examples in all, of the kind that were seen, would have let the gate pass at `level`:
// the same shares, or disagreements with the baseline, of a larger holdout of the same mixture of
// classes. The number of examples where it passed; none where no number would do (what was observed
// is itself short of the threshold) or ten times as many would not, and for gates on an average
// radius or a cost. `alpha` is per example; `of_holdout` is how many examples were certified in
// all.
std::optional<std::int64_t> examples_that_decide(const Gate& gate, std::int64_t of_holdout,
                                                 double level, double alpha);

}  // namespace heirloom::policies

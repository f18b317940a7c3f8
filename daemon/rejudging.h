// Judging stored evidence again: under the generation's own policy, to explain its verdict, or
// under another one, as a dry run. Nothing is stored: a verdict that was made after its figures
// were seen is outside the holdout's risk (docs/statistics.md section 5).
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "policies/judge.h"
#include "registry/registry.h"

namespace heirloom::daemon {

struct Rejudged {
  policies::Judgement judgement;
  double level = 0.0;  // the candidate's place in its holdout's ledger, under this confidence
  double alpha = 0.0;
};

// Conflicts: the generation has no verdict; its figures are sealed; the evidence lacks what the
// policy asks for, or the champion of that time has no certificate to compare with ("certify
// again").
base::Result<Rejudged> rejudge(registry::Registry& registry,
                               const registry::GenerationRow& generation,
                               const policies::Policy& policy);

}  // namespace heirloom::daemon

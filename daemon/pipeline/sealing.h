// Sealed holdouts (docs/statistics.md section 5): while one is live, what was measured on it stays
// out of every answer; whether a generation passed does not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "registry/registry.h"

namespace heirloom::daemon {

// Whether verdicts under `policy` on this holdout name no figures: by the policy itself, or by the
// one whose ledger the holdout lives by, which a later policy cannot undo.
bool judged_sealed(registry::Registry& registry, const registry::PolicyRow& policy,
                   std::int64_t holdout_id);

// A holdout is live while the model's newest snapshot with a holdout brings it, or one that shares
// examples with it, and its ledger has a level left to judge at.
bool is_live(registry::Registry& registry, std::int64_t holdout_id);

// Whether the figures of the generation are hidden at this moment: judged sealed, on a holdout that
// is live and was not unsealed.
bool figures_hidden(registry::Registry& registry, const registry::GenerationRow& generation);
// A conflict that says how to open them.
base::Result<void> check_figures_open(registry::Registry& registry,
                                      const registry::GenerationRow& generation);

// Whether a snapshot may bring these holdouts, which are known already: a conflict where one was
// sealed and opened by being replaced. Judged on it again, candidates could be tuned to its
// figures.
base::Result<void> check_not_opened(registry::Registry& registry, std::int64_t model_id,
                                    const std::vector<std::int64_t>& holdouts);

// Opens the model's live holdout for good: one transaction with its event. A conflict where there
// is nothing sealed.
base::Result<void> unseal(registry::Registry& registry, std::string_view model,
                          const std::string& reason, const std::string& actor);

}  // namespace heirloom::daemon

// The attack on a candidate's certificates, between certifying and judging
// (docs/statistics.md section 8).
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/result.h"
#include "core/certificate/falsification.h"
#include "core/jobs/result.h"
#include "daemon/pipeline/commitment.h"
#include "registry/registry.h"

namespace heirloom::daemon {

struct PlannedAttack {
  JudgedOn on;
  registry::CommitmentRow commitment;
  std::int64_t certificate_id = 0;
  std::uint64_t requested = 0;  // falsify.examples
  certificate::AttackPlan plan;
};

// Which of the candidate's certificates its policy has attacked, in the order of the holdout's key.
base::Result<PlannedAttack> planned_attack(registry::Registry& registry,
                                           const registry::GenerationRow& candidate);

// Opens the attack when the policy asks for one, there was none, and the gates would not reject
// without it. True when the generation now waits for it.
base::Result<bool> continue_falsifying(registry::Registry& registry,
                                       const registry::GenerationRow& generation);

// An attack's rows become a falsification: what is broken is computed here.
base::Result<void> finish_attack(registry::Registry& registry, const registry::JobRow& job,
                                 const jobs::JobResult& result,
                                 const std::filesystem::path& output);

}  // namespace heirloom::daemon

// What the gates say of a generation that has been certified: asked once to learn whether an attack
// on its certificates is worth while, and once for the verdict. Changes nothing.
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "daemon/pipeline/commitment.h"
#include "policies/reservation.h"
#include "registry/registry.h"

namespace heirloom::daemon {

struct Assessment {
  policies::Judgement judgement;
  registry::VerdictRow verdict;  // as it would be stored, but for id and time
  std::uint64_t falsify_examples = 0;
  bool attacked = false;

  // The policy asks for an attack, there was none, and the gates do not reject without it.
  bool wants_attack() const {
    return falsify_examples > 0 && !attacked && judgement.verdict != policies::Verdict::rejected;
  }
};

// The evidence's and the policy's rows are first checked against the audit chain. `generation` and
// its baselines are certified under its protocol.
base::Result<Assessment> assess(registry::Registry& registry,
                                const registry::GenerationRow& generation);

// What a person must look at although every gate passes.
policies::Reservation reservation_of(registry::Registry& registry,
                                     const registry::GenerationRow& generation,
                                     policies::Approval approval, const JudgedOn& on);

}  // namespace heirloom::daemon

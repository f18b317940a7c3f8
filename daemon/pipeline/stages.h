// What happens when a job's work is done, and between jobs: one function a stage of a generation's
// life (docs/ARCHITECTURE.md), each ending in one transaction.
//
// An Error means that nothing was learned about the model; the caller makes it the generation's
// or registration's failure. A generation that has moved on meanwhile is left alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "core/base/result.h"
#include "core/jobs/result.h"
#include "daemon/signers.h"
#include "registry/registry.h"

namespace heirloom::daemon {

// Whether the file that a job would inspect is signed as these settings want it: asked before each
// launch, so that no worker opens one that is not. Other jobs may always run.
base::Result<void> may_inspect(registry::Registry& registry, const Signers& signers,
                               const registry::JobRow& job);
// Inspection done: the registration becomes a version or a snapshot, or an error says why not.
base::Result<void> finish_inspection(registry::Registry& registry, const Signers& signers,
                                     const registry::JobRow& job, const jobs::JobResult& result,
                                     const std::filesystem::path& output);
void refuse_registration(registry::Registry& registry, std::int64_t registration_id,
                         std::int64_t job_id, const base::Error& error);

// Whether a queued generation has all it needs. False while a person has still to decide about the
// teacher of its bootstrap; an error when it can never be trained or judged.
base::Result<bool> may_begin(registry::Registry& registry,
                             const registry::GenerationRow& generation);

// queued -> training: the champion of this moment becomes the teacher.
base::Result<void> begin_training(registry::Registry& registry,
                                  const registry::GenerationRow& generation);

// training -> certifying: the artifact enters the registry, the commitment is charged.
base::Result<void> finish_training(registry::Registry& registry, const registry::JobRow& job,
                                   const jobs::JobResult& result,
                                   const std::filesystem::path& output);

// A certification's counts become a certificate.
base::Result<void> finish_certification(registry::Registry& registry, const registry::JobRow& job,
                                        const jobs::JobResult& result,
                                        const std::filesystem::path& output);

// certifying: opens the next certification that the verdict needs (the candidate's own, then a
// baseline that has none under this protocol), then the attack that the policy asks for, or moves
// on to judging when nothing is missing.
base::Result<void> continue_certifying(registry::Registry& registry,
                                       const registry::GenerationRow& generation);
// The next generation (the candidate or a baseline) whose certificate the verdict still needs.
base::Result<std::optional<registry::GenerationRow>> next_to_certify(
    registry::Registry& registry, const registry::GenerationRow& generation);

// judging -> promoted, rejected or held; or back to certifying, when the champion is another since
// and has no certificate under this protocol.
base::Result<void> judge_generation(registry::Registry& registry,
                                    const registry::GenerationRow& generation);

// -> failed, with the reason, wherever the generation was.
void fail_generation(registry::Registry& registry, std::int64_t generation_id,
                     const base::Error& error);

}  // namespace heirloom::daemon

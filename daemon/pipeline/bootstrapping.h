// The two-step bootstrap: without a champion, a policy with `bootstrap.architecture` has a small
// teacher of that architecture trained by the expensive method first, and the version is
// transferred from it (the "no robust teacher" mode of Certified Robustness Transfer).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/jobs/model_spec.h"
#include "registry/registry.h"

namespace heirloom::daemon {

// The teacher's architecture; nothing when the policy names none, or `arch` is that one itself.
base::Result<std::optional<jobs::ArchSpec>> teacher_architecture(const registry::PolicyRow& policy,
                                                                 const jobs::ArchSpec& arch);

// Names of versions that begin so are the daemon's own.
inline constexpr std::string_view kTeacherPrefix = "bootstrap-";
inline constexpr const char* kTeacherActor = "heirloomd";

// The version that the daemon registers for it, "bootstrap-lenet": a name that follows from the
// architecture alone.
std::string teacher_version_name(const jobs::ArchSpec& arch);

// Whether a queued generation without a champion may train now. False while a person has still to
// decide about its teacher. An error when there will be none, with the reason.
base::Result<bool> may_bootstrap(registry::Registry& registry,
                                 const registry::GenerationRow& generation);

}  // namespace heirloom::daemon

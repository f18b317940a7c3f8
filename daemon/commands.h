// What people (and inbox files) ask of the daemon. Each command is one transaction with its event;
// the pipeline's next step() acts on it. `actor` is who asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/inbox_yaml.h"
#include "core/base/result.h"
#include "daemon/signers.h"
#include "registry/registry.h"

namespace heirloom::daemon {

struct PolicyApplied {
  std::string model;
  std::int64_t version = 0;
  bool created = false;               // false: the text was the current policy already
  std::vector<std::string> findings;  // "warning: ...", "note: ..."
};

// Stores the next version of the policy; the first one creates the model. A policy that cannot do
// what it says, or that changes what is immutable, is refused.
base::Result<PolicyApplied> apply_policy(registry::Registry& registry, std::string_view text,
                                         std::string_view origin, const std::string& actor);

struct RegistrationTaken {
  std::int64_t id = 0;
  bool created = false;  // false: the same was asked for before
};

// `envelope`: the signature of the version's file, where one was given. A signature that does not
// count, or that is missing where the signers are required, is a refused registration, not an
// error: it has its row and its events like one that a worker refused.
base::Result<RegistrationTaken> register_version(registry::Registry& registry,
                                                 const Signers& signers,
                                                 const config::InboxVersion& request,
                                                 const std::optional<std::string>& envelope,
                                                 const std::string& actor);
base::Result<RegistrationTaken> register_snapshot(registry::Registry& registry,
                                                  const config::InboxSnapshot& request,
                                                  const std::string& actor);

// No job is started any more, of one model or (without a model) of all; what runs goes on. A
// conflict when it is so already. Registrations are taken, and wait.
base::Result<void> set_paused(registry::Registry& registry, const std::optional<std::string>& model,
                              bool paused, const std::string& reason, const std::string& actor);

// Decisions of a person about a held or failed generation. `reason` is kept for good.
enum class Decision { approve, reject, retry };
base::Result<void> decide(registry::Registry& registry, std::string_view model, std::int64_t number,
                          Decision decision, const std::string& reason, const std::string& actor);

// Lookups that explain themselves when there is nothing.
base::Result<registry::ModelRow> find_model(registry::Registry& registry, std::string_view name);
base::Result<registry::GenerationRow> find_generation(registry::Registry& registry,
                                                      const registry::ModelRow& model,
                                                      std::int64_t number);

}  // namespace heirloom::daemon

// The registry as JSON: the forms of docs/api.md. Read-only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/result.h"
#include "core/base/signing.h"
#include "core/sandbox/confinement.h"
#include "core/sandbox/layers.h"
#include "daemon/pipeline/pipeline.h"
#include "daemon/rejudging.h"
#include "daemon/state_folder.h"
#include "registry/registry.h"

namespace heirloom::daemon {

using Json = nlohmann::json;

// A generation; with `detail` also its jobs and gates.
Json generation_view(registry::Registry& registry, const registry::GenerationRow& generation,
                     bool detail);
// promoted, rejected, held or error; null while nothing has ended.
Json verdict_view(const registry::GenerationRow& generation);
Json generation_list_view(registry::Registry& registry, const registry::ModelRow& model,
                          std::int64_t after, std::int64_t limit);
Json registration_view(registry::Registry& registry, const registry::RegistrationRow& row);
Json model_view(const registry::ModelRow& model);

Json status_view(registry::Registry& registry, Pipeline& pipeline,
                 const std::optional<registry::ModelRow>& only, const std::string& started_at);

// The layers that workers are confined by, where `available` are those of this machine.
Json sandbox_view(const sandbox::Confinement& confinement, const sandbox::Layers& available);

// Generations with numbers > after, at most `limit`; `next` is the number to go on after.
Json lineage_view(registry::Registry& registry, const registry::ModelRow& model, std::int64_t after,
                  std::int64_t limit);
// `metric`: acr, clean_accuracy, abstain_rate or certified_accuracy@RADIUS.
base::Result<Json> history_view(registry::Registry& registry, const registry::ModelRow& model,
                                std::string_view metric, std::int64_t after, std::int64_t limit);
base::Result<Json> champion_view(registry::Registry& registry, const StateFolder& state,
                                 const registry::ModelRow& model);
// At an instant in the stored form (base::parse_instant).
base::Result<Json> champion_at_view(registry::Registry& registry, const registry::ModelRow& model,
                                    const std::string& instant);
// Every time that a generation became champion, with ids > after, oldest first.
Json champion_list_view(registry::Registry& registry, const registry::ModelRow& model,
                        std::int64_t after, std::int64_t limit);

// The budget of the holdout that the model's next generation is judged on; null without one.
Json holdout_view(registry::Registry& registry, const registry::ModelRow& model);
// The same with the policy that the next one is judged under, and the sets before it.
base::Result<Json> holdout_budget_view(registry::Registry& registry,
                                       const registry::ModelRow& model);
// A test of a snapshot for drift; with `detail` every figure and the plan.
Json drift_view(registry::Registry& registry, const registry::DriftCheckRow& check, bool detail);
// Tests with ids > after, oldest first, and which alarm stands.
Json drift_list_view(registry::Registry& registry, const registry::ModelRow& model,
                     std::int64_t after, std::int64_t limit);
// The model's newest; null without one.
Json drift_status(registry::Registry& registry, const registry::ModelRow& model);

Json policy_view(const registry::ModelRow& model, const registry::PolicyRow& policy);
// What became of stored evidence that was judged again.
Json rejudged_view(const Rejudged& rejudged);

Json audit_view(const std::vector<registry::Event>& events);
// The end of the chain, signed where there is a key.
Json audit_head_view(registry::Registry& registry, const base::SigningKey* key);
Json error_view(const base::Error& error);

}  // namespace heirloom::daemon

#include "daemon/pipeline/sealing.h"

#include <algorithm>

#include <fmt/format.h>

#include "daemon/commands.h"
#include "daemon/pipeline/commitment.h"
#include "registry/json_text.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

std::optional<std::int64_t> live_holdout(registry::Registry& registry, std::int64_t model_id) {
  const auto snapshot = registry.catalog.latest_holdout_snapshot(model_id);
  return snapshot ? snapshot->holdout_id : std::nullopt;
}

}  // namespace

bool judged_sealed(registry::Registry& registry, const registry::PolicyRow& policy,
                   std::int64_t holdout_id) {
  if (policy.sealed) return true;
  if (!registry.unsealings.any_sealed()) return false;
  const auto ledger = ledger_policy(registry, holdout_id);
  return ledger && ledger->sealed;
}

bool is_live(registry::Registry& registry, std::int64_t holdout_id) {
  const auto holdout = registry.catalog.holdout(holdout_id);
  const auto policy = holdout ? registry.models.current_policy(holdout->model_id) : std::nullopt;
  const auto live = holdout ? live_holdout(registry, holdout->model_id) : std::nullopt;
  if (!policy || !live) return false;
  const auto family = registry.catalog.holdout_family(holdout_id);
  const bool current = std::find(family.begin(), family.end(), *live) != family.end();
  return current && next_level(registry, *policy, holdout_id).level > 0.0;
}

bool figures_hidden(registry::Registry& registry, const registry::GenerationRow& generation) {
  if (!registry.unsealings.any_sealed()) return false;
  const auto terms = registry.evidence.terms_of(generation.id);
  if (!terms) return false;
  const auto policy = registry.models.policy(generation.policy_id);
  return judged_sealed(registry, *policy, terms->holdout_id) &&
         is_live(registry, terms->holdout_id) &&
         !registry.unsealings.find(registry.catalog.holdout_family(terms->holdout_id));
}

base::Result<void> check_figures_open(registry::Registry& registry,
                                      const registry::GenerationRow& generation) {
  if (!figures_hidden(registry, generation)) return {};
  const std::string model = registry.models.get(generation.model_id)->spec.name;
  return base::fail(
      ErrorKind::conflict,
      fmt::format("what {} showed on its holdout is sealed while the holdout is live",
                  generation.label()),
      fmt::format("`heirloom holdout budget {} --unseal --reason TEXT` opens it for good", model));
}

base::Result<void> check_not_opened(registry::Registry& registry, std::int64_t model_id,
                                    const std::vector<std::int64_t>& holdouts) {
  const auto live = live_holdout(registry, model_id);
  for (const std::int64_t holdout : holdouts) {
    const auto family = registry.catalog.holdout_family(holdout);
    const bool replaced = live && std::find(family.begin(), family.end(), *live) == family.end();
    if (!replaced || !registry.unsealings.sealed_on(family) || registry.unsealings.find(family)) {
      continue;
    }
    return base::fail(
        ErrorKind::conflict,
        fmt::format("holdout {:.12} was sealed, and its figures opened when another replaced it",
                    registry.catalog.holdout(holdout)->digest.hex()),
        "nothing judged on it again would keep the risk: bring examples that no earlier holdout "
        "has");
  }
  return {};
}

base::Result<void> unseal(registry::Registry& registry, std::string_view model,
                          const std::string& reason, const std::string& actor) {
  if (reason.empty()) {
    return base::fail(ErrorKind::usage, "unsealing a holdout needs a reason", "--reason \"...\"");
  }
  HEIRLOOM_ASSIGN(const auto row, find_model(registry, model));
  const auto policy = registry.models.current_policy(row.id);
  const auto holdout = live_holdout(registry, row.id);
  if (!policy || !holdout || !judged_sealed(registry, *policy, *holdout)) {
    return base::fail(ErrorKind::conflict,
                      fmt::format("model {} has no sealed holdout: its figures are open", model));
  }
  const auto family = registry.catalog.holdout_family(*holdout);
  if (const auto before = registry.unsealings.find(family)) {
    return base::fail(ErrorKind::conflict,
                      fmt::format("the holdout was unsealed by {} at {}: {}", before->actor,
                                  before->created_at, before->reason));
  }
  registry::Transaction transaction(registry.db);
  registry::EventDraft event;
  registry.unsealings.add(transaction, *holdout, {actor, reason, registry.now()}, event.rows);
  event.actor = actor;
  event.kind = "holdout.unsealed";
  event.model = row.spec.name;
  event.payload = registry::json_text(
      {{"holdout", registry.catalog.holdout(*holdout)->digest.hex()}, {"reason", reason}});
  registry.audit.append(transaction, event);
  transaction.commit();
  return {};
}

}  // namespace heirloom::daemon

// Policies, what they leave of a holdout, and stored evidence judged again.
#include <fmt/format.h>

#include "daemon/pipeline/commitment.h"
#include "daemon/pipeline/sealing.h"
#include "daemon/views/gate_view.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

Json unsealing_view(const std::optional<registry::UnsealingRow>& row) {
  if (!row) return nullptr;
  return Json{{"at", row->created_at}, {"actor", row->actor}, {"reason", row->reason}};
}

}  // namespace

Json holdout_view(registry::Registry& registry, const registry::ModelRow& model) {
  const auto snapshot = registry.catalog.latest_holdout_snapshot(model.id);
  const auto policy = registry.models.current_policy(model.id);
  if (!snapshot || !policy) return nullptr;
  const auto holdout = registry.catalog.holdout(*snapshot->holdout_id);
  const NextLevel next = next_level(registry, *policy, holdout->id);
  const auto opened = registry.unsealings.find(registry.catalog.holdout_family(holdout->id));
  const bool sealed = judged_sealed(registry, *policy, holdout->id);
  return Json{{"id", holdout->digest.hex()},
              {"examples", holdout->examples},
              {"candidates_used", next.candidate - 1},
              {"candidates", next.terms.candidates},
              {"promotions_used", next.promotions},
              {"promotions", next.terms.promotions},
              {"risk", next.terms.risk},
              {"next_level", next.level},
              {"live", is_live(registry, holdout->id)},
              {"sealed", sealed && !opened && is_live(registry, holdout->id)},
              {"unsealed", unsealing_view(opened)}};
}

base::Result<Json> holdout_budget_view(registry::Registry& registry,
                                       const registry::ModelRow& model) {
  Json out = holdout_view(registry, model);
  if (out.is_null()) {
    return base::fail(base::ErrorKind::not_found,
                      fmt::format("model {} has no holdout yet", model.spec.name),
                      "`heirloom data add` with --holdout brings one");
  }
  const auto policy = registry.models.current_policy(model.id);
  out["model"] = model.spec.name;
  out["policy_version"] = policy->version;
  out["policy"] = policy->text;
  out["earlier"] = Json::array();
  for (const auto& holdout : registry.catalog.holdouts(model.id)) {
    if (holdout.digest.hex() == out["id"]) continue;
    const auto spent = registry.evidence.spent({holdout.id});
    out["earlier"].push_back({{"id", holdout.digest.hex()},
                              {"examples", holdout.examples},
                              {"live", is_live(registry, holdout.id)},
                              {"candidates_used", spent.candidates},
                              {"promotions_used", spent.promotions}});
  }
  return out;
}

Json policy_view(const registry::ModelRow& model, const registry::PolicyRow& policy) {
  Json thresholds = Json::array();
  for (const policies::Threshold& threshold : policy.thresholds) {
    thresholds.push_back(
        {{"id", threshold.id}, {"text", threshold.text()}, {"dry_run", threshold.dry_run}});
  }
  return Json{
      {"model", model.spec.name},           {"version", policy.version}, {"text", policy.text},
      {"sha256", policy.text_sha256.hex()}, {"actor", policy.actor},     {"at", policy.created_at},
      {"thresholds", std::move(thresholds)}};
}

Json rejudged_view(const Rejudged& rejudged) {
  Json gates = Json::array();
  for (const policies::Gate& gate : rejudged.judgement.gates) {
    gates.push_back(gate_view(gate, gate.threshold.text()));
    gates.back()["ended_early"] = gate.ended_early;
    gates.back()["baseline_only"] = gate.baseline_only;
    gates.back()["candidate_only"] = gate.candidate_only;
  }
  return Json{{"verdict", policies::to_string(rejudged.judgement.verdict)},
              {"reason", rejudged.judgement.reason},
              {"level", rejudged.level},
              {"alpha", rejudged.alpha},
              {"gates", std::move(gates)}};
}

}  // namespace heirloom::daemon

#include "daemon/drift/drift_plan.h"
#include "daemon/pipeline/sealing.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using registry::DriftCheckRow;
using registry::DriftReportRow;

Json acknowledgement_view(registry::Registry& registry, const DriftReportRow& report) {
  const auto seen = registry.drifts.acknowledgement(report.id);
  if (!seen) return nullptr;
  return {{"actor", seen->actor}, {"reason", seen->reason}, {"at", seen->created_at}};
}

// What was measured on the champion's holdout, and what that can be worked out from.
void hide_figures(Json& view) {
  for (const char* field : {"reference", "batch", "stability", "summary"}) view[field] = nullptr;
  for (Json& test : view["tests"]) {
    for (const char* field : {"statistic", "p_value", "effect", "output", "text"}) {
      test[field] = nullptr;
    }
  }
}

// What the report says, without the sums that the next one goes on from.
void add_figures(Json& out, const DriftReportRow& report) {
  const Json stored = Json::parse(report.report);
  for (const char* field :
       {"summary", "tests", "fresh", "labels", "reference", "batch", "stability"}) {
    if (const auto found = stored.find(field); found != stored.end()) out[field] = *found;
  }
}

}  // namespace

Json drift_view(registry::Registry& registry, const DriftCheckRow& check, bool detail) {
  const auto champion = registry.generations.get(check.champion_id);
  Json out = {{"id", check.id},
              {"snapshot", registry.catalog.snapshot_name(check.snapshot_id)},
              {"champion", champion->label()},
              {"reference", nullptr},
              {"reference_snapshot", registry.catalog.snapshot_name(check.reference_id)},
              {"policy_version", registry.models.policy_version(check.policy_id)},
              {"planned_at", check.created_at},
              {"at", nullptr},
              {"state", "planned"},
              {"band", nullptr},
              {"alarm", false},
              {"acknowledged", nullptr},
              {"summary", nullptr},
              {"error", nullptr},
              {"sealed", figures_hidden(registry, *champion)},
              {"tests", Json::array()},
              {"batch", nullptr}};
  if (const auto report = registry.drifts.report_of(check.id)) {
    out["at"] = report->created_at;
    out["state"] = report->band ? "tested" : "failed";
    if (report->band) out["band"] = *report->band;
    out["alarm"] = report->alarm;
    out["acknowledged"] = acknowledgement_view(registry, *report);
    if (report->error) out["error"] = *report->error;
    out["samples"] = report->samples;
    out["seconds"] = report->seconds;
    add_figures(out, *report);
  }
  if (out["sealed"] == true) hide_figures(out);
  if (detail) {
    out["plan"] = Json::parse(check.plan);
  } else {
    for (const char* field : {"tests", "reference", "batch"}) out.erase(field);
  }
  return out;
}

Json drift_list_view(registry::Registry& registry, const registry::ModelRow& model,
                     std::int64_t after, std::int64_t limit) {
  Json out = {{"model", model.spec.name},
              {"checks", Json::array()},
              {"standing", nullptr},
              {"next", nullptr}};
  const auto checks = registry.drifts.list(model.id, after, limit);
  for (const DriftCheckRow& check : checks) {
    out["checks"].push_back(drift_view(registry, check, /*detail=*/false));
  }
  if (static_cast<std::int64_t>(checks.size()) == limit) out["next"] = checks.back().id;
  if (const auto champion = registry.evidence.champion(model.id)) {
    const auto alarm = registry.drifts.standing_alarm(model.id, champion->generation_id);
    if (alarm) out["standing"] = alarm->check.id;
  }
  return out;
}

Json drift_status(registry::Registry& registry, const registry::ModelRow& model) {
  const auto newest = registry.drifts.newest_check(model.id);
  if (!newest) return nullptr;
  Json out = drift_view(registry, *newest, /*detail=*/false);
  const auto champion = registry.evidence.champion(model.id);
  out["standing"] =
      champion && registry.drifts.standing_alarm(model.id, champion->generation_id).has_value();
  return out;
}

}  // namespace heirloom::daemon

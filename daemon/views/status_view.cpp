#include "core/base/version.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using registry::GenerationRow;
using registry::ModelRow;
using registry::State;

Json running_view(Pipeline& pipeline, const GenerationRow& generation) {
  Json out = {{"generation", generation.label()},
              {"state", registry::to_string(generation.state)},
              {"attempt", generation.attempt},
              {"stage", nullptr},
              {"position", nullptr},
              {"total", nullptr},
              {"rate", nullptr},
              {"loss", nullptr},
              {"eta_seconds", nullptr},
              {"started_from", nullptr}};
  const auto progress = pipeline.progress(generation.id);
  if (!progress) return out;
  if (progress->started_from) out["started_from"] = *progress->started_from;
  if (!progress->last) return out;
  const jobs::Event& event = *progress->last;
  out["stage"] = jobs::to_string(event.stage);
  out["position"] = event.position;
  out["total"] = event.total;
  out["rate"] = event.rate;
  out["loss"] = event.loss;
  if (progress->eta_seconds) out["eta_seconds"] = *progress->eta_seconds;
  return out;
}

// The newest generation that has ended: by number, since a model runs them in order.
Json last_verdict(registry::Registry& registry, const ModelRow& model) {
  const auto newest = registry.generations.newest_finished(model.id);
  if (!newest) return nullptr;
  const Json view = generation_view(registry, *newest, /*detail=*/false);
  return Json{{"generation", view["id"]},
              {"verdict", view["verdict"]},
              {"reason", view["reason"]},
              {"at", registry.audit.last_move(model.spec.name, newest->number)}};
}

Json pause_view(registry::Registry& registry, std::optional<std::int64_t> model_id) {
  const auto pause = registry.pauses.current(model_id);
  if (!pause) return nullptr;
  return {{"actor", pause->actor}, {"reason", pause->reason}, {"at", pause->created_at}};
}

Json model_status(registry::Registry& registry, Pipeline& pipeline, const ModelRow& model) {
  Json out = model_view(model);
  const auto policy = registry.models.current_policy(model.id);
  out["policy_version"] = policy ? Json(policy->version) : Json(nullptr);
  out["champion"] = nullptr;
  if (const auto champion = registry.evidence.champion(model.id)) {
    const auto generation = registry.generations.get(champion->generation_id);
    out["champion"] = {{"generation", generation->label()},
                       {"since", champion->since},
                       {"model_sha256", generation->model_sha256->hex()}};
  }
  out["running"] = nullptr;
  out["queue"] = Json::array();
  for (const GenerationRow& generation : registry.generations.unfinished()) {
    if (generation.model_id != model.id) continue;
    if (generation.state == State::queued) {
      out["queue"].push_back(generation.label());
    } else {
      out["running"] = running_view(pipeline, generation);
    }
  }
  out["waiting_for_data"] = Json::array();
  for (const auto& version : registry.catalog.versions_without_generation(model.id)) {
    out["waiting_for_data"].push_back(version.name);
  }
  out["registrations"] = Json::array();
  for (const auto& registration : registry.catalog.inspecting()) {
    if (registration.model_id != model.id) continue;
    out["registrations"].push_back({{"id", registration.id},
                                    {"kind", registration.kind},
                                    {"name", registration.name},
                                    {"state", registration.state}});
  }
  out["last_verdict"] = last_verdict(registry, model);
  out["holdout"] = holdout_view(registry, model);
  out["drift"] = drift_status(registry, model);
  out["paused"] = pause_view(registry, model.id);
  return out;
}

}  // namespace

Json model_view(const ModelRow& model) {
  const auto& input = model.spec.input;
  return Json{{"name", model.spec.name},
              {"input", {input.channels, input.height, input.width}},
              {"classes", model.spec.classes},
              {"sigma", model.spec.sigma},
              {"created_at", model.created_at}};
}

Json status_view(registry::Registry& registry, Pipeline& pipeline,
                 const std::optional<ModelRow>& only, const std::string& started_at) {
  Json out = {{"version", base::version()},
              {"git_revision", base::git_revision()},
              {"epoch", registry.epoch()},
              {"started_at", started_at},
              {"paused", pause_view(registry, std::nullopt)},
              {"models", Json::array()}};
  const auto models = only ? std::vector{*only} : registry.models.all();
  for (const ModelRow& model : models) {
    out["models"].push_back(model_status(registry, pipeline, model));
  }
  return out;
}

}  // namespace heirloom::daemon

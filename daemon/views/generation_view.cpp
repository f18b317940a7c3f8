#include "daemon/certificate_metrics.h"
#include "daemon/pipeline/sealing.h"
#include "daemon/views/gate_view.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using registry::GenerationRow;
using registry::State;

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json hex_or_null(const std::optional<base::Digest>& digest) {
  return digest ? Json(digest->hex()) : Json(nullptr);
}

Json gates_view(registry::Registry& registry, std::int64_t verdict_id, bool hidden) {
  Json out = Json::array();
  for (const registry::GateRow& gate : registry.evidence.gates_of(verdict_id)) {
    out.push_back(gate_view(gate, gate.text));
    out.back()["threshold_id"] = gate.threshold.id;
    if (!hidden) continue;
    for (const char* figure :
         {"observed", "bound", "threshold", "p_value", "count", "examples", "note"}) {
      out.back()[figure] = nullptr;
    }
  }
  return out;
}

Json jobs_view(registry::Registry& registry, const GenerationRow& generation) {
  Json out = Json::array();
  for (const auto& attempt : registry.generations.attempts_of_generation(generation.id)) {
    const char* state = !attempt.ended_at ? "running" : attempt.error ? "failed" : "done";
    if (attempt.ending && *attempt.ending == registry::kLostWithDaemon) state = "lost";
    out.push_back({{"job", attempt.job_id},
                   {"kind", attempt.job_kind},
                   {"attempt", attempt.number},
                   {"state", state},
                   {"started_from", or_null(attempt.started_from)},
                   {"exit", or_null(attempt.ending)},
                   {"error", or_null(attempt.error)},
                   {"started_at", attempt.started_at},
                   {"ended_at", or_null(attempt.ended_at)}});
  }
  return out;
}

Json bar_view(registry::Registry& registry, const GenerationRow& generation) {
  const auto bar = registry.champions.bar_of(generation.id);
  if (!bar) return nullptr;
  return Json{{"at", bar->created_at}, {"actor", bar->actor}, {"reason", bar->reason}};
}

// What an attack on its certificate found, where the policy asked for one.
Json falsification_view(registry::Registry& registry,
                        const std::optional<registry::CertificateRow>& certificate,
                        const GenerationRow& generation) {
  if (!certificate) return nullptr;
  const auto policy = registry.models.policy(generation.policy_id);
  const auto row =
      registry.evidence.falsification(certificate->id, policy->certify.falsify_examples);
  if (!row) return nullptr;
  return {{"attacked", row->found.attacked},
          {"broken", row->found.broken.size()},
          {"examples", row->found.broken}};
}

// Why it is where it is: a person's decision first, then the gates' verdict, then the failure.
Json reason_view(registry::Registry& registry, const GenerationRow& generation,
                 const std::optional<registry::VerdictRow>& verdict) {
  if (const auto decision = registry.evidence.decision_of(generation.id)) {
    return decision->decision + " by " + decision->actor + ": " + decision->reason;
  }
  if (generation.state == State::failed) return or_null(generation.error);
  return verdict ? Json(verdict->reason) : Json(nullptr);
}

}  // namespace

Json verdict_view(const GenerationRow& generation) {
  if (!registry::is_final(generation.state)) return nullptr;
  return generation.state == State::failed ? "error" : registry::to_string(generation.state);
}

Json generation_view(registry::Registry& registry, const GenerationRow& generation, bool detail) {
  const auto version = registry.catalog.version(generation.version_id);
  const auto verdict = registry.evidence.verdict_of(generation.id);
  const auto terms = registry.evidence.terms_of(generation.id);
  const auto certificate =
      terms ? registry.evidence.certificate_of_commitment(terms->id) : std::nullopt;
  const auto holdout = terms ? registry.catalog.holdout(terms->holdout_id) : std::nullopt;
  const auto teacher =
      generation.teacher_id ? registry.generations.get(*generation.teacher_id) : std::nullopt;

  Json out = {{"id", generation.label()},
              {"state", registry::to_string(generation.state)},
              {"verdict", verdict_view(generation)},
              {"reason", reason_view(registry, generation, verdict)},
              {"kind", or_null(generation.kind)},
              {"teacher", teacher ? Json(teacher->label()) : Json(nullptr)},
              {"version", version->name},
              {"arch", version->arch.name},
              {"parameters", version->arch.parameters},
              {"snapshot", registry.catalog.snapshot_name(generation.snapshot_id)},
              {"holdout", holdout ? Json(holdout->digest.hex()) : Json(nullptr)},
              {"policy_version", registry.models.policy_version(generation.policy_id)},
              {"cause", generation.cause},
              {"seed", generation.seed},
              {"model_sha256", hex_or_null(generation.model_sha256)},
              {"weights_sha256", hex_or_null(registry.generations.trained_weights(generation.id))},
              {"created_at", generation.created_at},
              {"seconds", {{"train", or_null(generation.train_seconds)}, {"certify", nullptr}}},
              {"samples", nullptr},
              {"metrics", nullptr},
              {"barred", bar_view(registry, generation)}};
  // Launches of the job that needed most.
  out["attempts"] = registry.generations.most_attempts(generation.id);
  const bool hidden = figures_hidden(registry, generation);
  out["sealed"] = hidden;
  if (certificate && !hidden) {
    out["seconds"]["certify"] = certificate->seconds;
    out["samples"] = certificate->samples;
    out["metrics"] = metrics_json(*certificate, *terms);
    out["certification"] = {{"mode", certificate::to_string(terms->mode)},
                            {"precision", terms->precision},
                            {"examples", certificate->summary.examples},
                            {"listed", terms->listed}};
  }
  if (detail) {
    out["jobs"] = jobs_view(registry, generation);
    const auto training = registry.generations.training(generation.id);
    out["training"] = training ? Json::parse(training->report) : Json(nullptr);
    out["gates"] = verdict ? gates_view(registry, verdict->id, hidden) : Json::array();
    out["falsification"] =
        hidden ? Json(nullptr) : falsification_view(registry, certificate, generation);
    out["level"] = terms ? Json(terms->level) : Json(nullptr);
  }
  return out;
}

Json generation_list_view(registry::Registry& registry, const registry::ModelRow& model,
                          std::int64_t after, std::int64_t limit) {
  Json out = Json::array();
  for (const GenerationRow& generation : registry.generations.list(model.id, after, limit)) {
    out.push_back(generation_view(registry, generation, /*detail=*/false));
  }
  return out;
}

}  // namespace heirloom::daemon

#include <charconv>

#include <fmt/format.h>

#include "core/certificate/summary.h"
#include "daemon/certificate_metrics.h"
#include "daemon/pipeline/sealing.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

constexpr std::string_view kAtRadius = "certified_accuracy@";

// The value of `metric` in a generation's view; null when it was not measured at that radius.
base::Result<Json> metric_value(const Json& metrics, std::string_view metric) {
  for (const std::string_view plain : {"acr", "clean_accuracy", "abstain_rate"}) {
    if (metric == plain) return metrics.is_null() ? Json(nullptr) : metrics[std::string(plain)];
  }
  double radius = 0.0;
  const bool at_radius = metric.substr(0, kAtRadius.size()) == kAtRadius;
  const std::string_view number = at_radius ? metric.substr(kAtRadius.size()) : metric;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), radius);
  if (!at_radius || error != std::errc() || end != number.data() + number.size()) {
    return base::fail(ErrorKind::usage, fmt::format("there is no metric \"{}\"", metric),
                      "acr, clean_accuracy, abstain_rate or certified_accuracy@RADIUS");
  }
  if (metrics.is_null()) return Json(nullptr);
  const Json& curve = metrics["certified_accuracy"];
  const auto found = curve.find(certificate::radius_key(radius));
  return found == curve.end() ? Json(nullptr) : *found;
}

// The number to go on after, or null where this was the last page.
Json next_page(const std::vector<registry::GenerationRow>& page, std::int64_t limit) {
  const bool more = !page.empty() && static_cast<std::int64_t>(page.size()) == limit;
  return more ? Json(page.back().number) : Json(nullptr);
}

}  // namespace

Json lineage_view(registry::Registry& registry, const registry::ModelRow& model, std::int64_t after,
                  std::int64_t limit) {
  Json nodes = Json::array();
  Json edges = Json::array();
  const auto champion = registry.evidence.champion(model.id);
  const auto page = registry.generations.list(model.id, after, limit);
  for (const auto& generation : page) {
    Json node = generation_view(registry, generation, /*detail=*/false);
    node["champion"] = champion && champion->generation_id == generation.id;
    if (!node["teacher"].is_null()) {
      edges.push_back({{"from", node["teacher"]}, {"to", node["id"]}, {"kind", "teacher"}});
    }
    nodes.push_back(std::move(node));
  }
  return Json{{"model", model.spec.name},
              {"nodes", nodes},
              {"edges", edges},
              {"next", next_page(page, limit)}};
}

base::Result<Json> history_view(registry::Registry& registry, const registry::ModelRow& model,
                                std::string_view metric, std::int64_t after, std::int64_t limit) {
  HEIRLOOM_TRY(metric_value(nullptr, metric));
  Json points = Json::array();
  const auto page = registry.generations.list(model.id, after, limit);
  for (const auto& generation : page) {
    const auto terms = registry.evidence.terms_of(generation.id);
    const auto certificate =
        terms ? registry.evidence.certificate_of_commitment(terms->id) : std::nullopt;
    if (!certificate) continue;
    HEIRLOOM_ASSIGN(Json value, metric_value(metrics_json(*certificate, *terms), metric));
    if (value.is_null()) continue;
    if (figures_hidden(registry, generation)) value = nullptr;
    const auto verdict = registry.evidence.verdict_of(generation.id);
    points.push_back({{"generation", generation.label()},
                      {"at", verdict ? verdict->created_at : generation.created_at},
                      {"value", std::move(value)},
                      {"verdict", verdict_view(generation)}});
  }
  return Json{{"model", model.spec.name},
              {"metric", std::string(metric)},
              {"points", points},
              {"next", next_page(page, limit)}};
}

Json registration_view(registry::Registry& registry, const registry::RegistrationRow& row) {
  const auto model = registry.models.get(row.model_id);
  Json signature = nullptr;
  if (const auto found = registry.signatures.of_registration(row.id)) {
    signature = {{"key", found->key_id},
                 {"sha256", found->sha256.hex()},
                 {"envelope", found->envelope.hex()}};
  }
  return Json{{"id", row.id},
              {"kind", row.kind},
              {"model", model ? model->spec.name : ""},
              {"name", row.name},
              {"state", row.state},
              {"error", row.error ? error_view(*row.error)["error"] : Json(nullptr)},
              {"signature", signature},
              {"actor", row.actor},
              {"at", row.created_at}};
}

Json error_view(const base::Error& error) {
  return Json{
      {"error",
       {{"kind", base::to_string(error.kind)}, {"message", error.message}, {"hint", error.hint}}}};
}

}  // namespace heirloom::daemon

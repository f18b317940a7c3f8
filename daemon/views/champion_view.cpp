#include <fmt/format.h>

#include "daemon/pipeline/champion_folder.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using registry::ChampionRow;

Json row_view(registry::Registry& registry, const registry::ModelRow& model,
              const ChampionRow& row) {
  const auto generation = registry.generations.get(row.generation_id);
  const auto successor = registry.champions.successor(model.id, row);
  const auto bar = registry.champions.bar_of(row.generation_id);
  return Json{{"id", row.id},
              {"generation", generation->label()},
              {"since", row.since},
              {"until", successor ? Json(successor->since) : Json(nullptr)},
              {"model_sha256", generation->model_sha256->hex()},
              {"act", registry::to_string(registry.champions.act_of(row))},
              {"actor", row.actor},
              {"reason", row.reason},
              {"barred", bar.has_value()}};
}

}  // namespace

base::Result<Json> champion_view(registry::Registry& registry, const StateFolder& state,
                                 const registry::ModelRow& model) {
  const auto champion = registry.evidence.champion(model.id);
  if (!champion) {
    return base::fail(ErrorKind::not_found,
                      fmt::format("model {} has no champion yet", model.spec.name),
                      fmt::format("`heirloom status {}` shows what is under way", model.spec.name));
  }
  Json out = row_view(registry, model, *champion);
  out["path"] = champion_path(state, model.spec.name).native();
  return out;
}

base::Result<Json> champion_at_view(registry::Registry& registry, const registry::ModelRow& model,
                                    const std::string& instant) {
  const auto champion = registry.champions.at(model.id, instant);
  if (!champion) {
    return base::fail(ErrorKind::not_found,
                      fmt::format("model {} had no champion at {}", model.spec.name, instant),
                      fmt::format("`heirloom champion {} --history` lists them", model.spec.name));
  }
  Json out = row_view(registry, model, *champion);
  out["at"] = instant;
  out["path"] = nullptr;
  return out;
}

Json champion_list_view(registry::Registry& registry, const registry::ModelRow& model,
                        std::int64_t after, std::int64_t limit) {
  Json out = Json::array();
  for (const ChampionRow& row : registry.champions.list(model.id, after, limit)) {
    out.push_back(row_view(registry, model, row));
  }
  return out;
}

}  // namespace heirloom::daemon

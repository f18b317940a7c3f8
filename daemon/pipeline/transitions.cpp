#include "daemon/pipeline/transitions.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "registry/json_text.h"

namespace heirloom::daemon {
namespace {

using registry::State;

constexpr std::array kMoves = {
    std::pair{State::queued, State::training},
    std::pair{State::queued, State::failed},  // cannot begin: no holdout budget, ...
    std::pair{State::training, State::certifying},
    std::pair{State::training, State::failed},
    std::pair{State::certifying, State::judging},
    std::pair{State::certifying, State::failed},
    std::pair{State::judging, State::certifying},  // another champion: it needs a certificate
    std::pair{State::judging, State::promoted},
    std::pair{State::judging, State::rejected},
    std::pair{State::judging, State::held},
    std::pair{State::judging, State::failed},  // evidence was tampered with
    std::pair{State::held, State::promoted},   // approve
    std::pair{State::held, State::rejected},   // reject
    std::pair{State::failed, State::queued},   // retry
};

// What AuditLog::check_states compares with the row, and what people want to know.
nlohmann::json describe(registry::Registry& registry, const registry::GenerationRow& generation) {
  nlohmann::json out = {{"state", registry::to_string(generation.state)},
                        {"attempt", generation.attempt},
                        {"epoch", generation.epoch},
                        {"model_sha256", nullptr},
                        {"classifier_id", nullptr},
                        {"kernel", nullptr},
                        {"teacher", nullptr}};
  if (generation.kind) out["kind"] = *generation.kind;
  if (generation.error) out["error"] = *generation.error;
  if (generation.model_sha256) out["model_sha256"] = generation.model_sha256->hex();
  if (generation.classifier_id) out["classifier_id"] = generation.classifier_id->hex();
  if (generation.kernel) out["kernel"] = *generation.kernel;
  if (generation.teacher_id) {
    if (const auto teacher = registry.generations.get(*generation.teacher_id)) {
      out["teacher"] = teacher->label();
    }
  }
  return out;
}

void append(registry::Transaction& transaction, registry::Registry& registry,
            const registry::GenerationRow& generation, nlohmann::json payload,
            const MoveNote& note) {
  if (!note.reason.empty()) payload["reason"] = note.reason;
  registry::EventDraft event;
  event.actor = note.actor;
  event.kind = fmt::format("generation.{}", registry::to_string(generation.state));
  if (const auto model = registry.models.get(generation.model_id)) event.model = model->spec.name;
  event.generation = generation.number;
  event.payload = registry::json_text(payload);
  event.rows = note.rows;
  registry.audit.append(transaction, event);
}

}  // namespace

bool may_move(State from, State to) {
  return std::find(kMoves.begin(), kMoves.end(), std::pair{from, to}) != kMoves.end();
}

bool awaits(const registry::GenerationRow& generation, State state, const jobs::JobResult& result) {
  return generation.state == state && generation.attempt == result.attempt &&
         generation.epoch == result.epoch;
}

bool move_generation(registry::Transaction& transaction, registry::Registry& registry,
                     const registry::GenerationRow& from, const registry::GenerationRow& to,
                     const MoveNote& note) {
  if (!may_move(from.state, to.state)) {
    throw std::logic_error(fmt::format("a generation never moves from {} to {}",
                                       registry::to_string(from.state),
                                       registry::to_string(to.state)));
  }
  if (!registry.generations.move(transaction, from, to)) return false;
  nlohmann::json payload = describe(registry, to);
  payload["from"] = registry::to_string(from.state);
  append(transaction, registry, to, std::move(payload), note);
  return true;
}

void record_queued(registry::Transaction& transaction, registry::Registry& registry,
                   const registry::GenerationRow& generation, const MoveNote& note) {
  nlohmann::json payload = describe(registry, generation);
  payload["cause"] = generation.cause;
  append(transaction, registry, generation, std::move(payload), note);
}

}  // namespace heirloom::daemon

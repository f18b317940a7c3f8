#include "daemon/champions.h"

#include <fmt/format.h>

#include "daemon/commands.h"
#include "registry/json_text.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using registry::GenerationRow;

base::Result<void> check_reason(const std::string& reason) {
  if (!reason.empty()) return {};
  return base::fail(ErrorKind::usage, "such an act needs a reason", "--reason \"...\"");
}

// The generation to leave: the champion, and the one that the caller had in mind.
base::Result<GenerationRow> champion_to_leave(registry::Registry& registry,
                                              const registry::ModelRow& model,
                                              const Rollback& rollback) {
  const auto champion = registry.evidence.champion(model.id);
  if (!champion) {
    return base::fail(ErrorKind::conflict,
                      fmt::format("model {} has no champion to leave", model.spec.name));
  }
  auto current = registry.generations.get(champion->generation_id);
  if (rollback.from && *rollback.from != current->number) {
    return base::fail(
        ErrorKind::conflict,
        fmt::format("the champion of {} is {}, not g{}", model.spec.name, current->label(),
                    *rollback.from),
        fmt::format("`heirloom champion {} --history` shows what happened", model.spec.name));
  }
  return *std::move(current);
}

base::Result<void> check_can_return(registry::Registry& registry, const registry::ModelRow& model,
                                    const GenerationRow& target, const GenerationRow& current) {
  if (target.id == current.id) {
    return base::fail(ErrorKind::conflict, target.label() + " is the champion already");
  }
  if (!registry.champions.was_champion(target.id)) {
    return base::fail(
        ErrorKind::conflict, target.label() + " was never champion",
        fmt::format("`heirloom champion {} --history` lists those that were", model.spec.name));
  }
  HEIRLOOM_TRY(check_not_barred(registry, target));
  HEIRLOOM_TRY(registry.audit.check_generation(target.id));
  // What consumers will load: whole, and what the row says.
  HEIRLOOM_TRY(registry.artifacts.get(*target.model_sha256));
  return {};
}

}  // namespace

base::Result<void> check_not_barred(registry::Registry& registry, const GenerationRow& generation) {
  const auto bar = registry.champions.bar_of(generation.id);
  if (!bar) return {};
  return base::fail(ErrorKind::conflict,
                    fmt::format("{} was barred by {} at {}: {}", generation.label(), bar->actor,
                                bar->created_at, bar->reason),
                    "a barred generation is never champion or teacher again");
}

base::Result<void> roll_back(registry::Registry& registry, std::string_view model_name,
                             const Rollback& rollback, const std::string& actor) {
  HEIRLOOM_TRY(check_reason(rollback.reason));
  HEIRLOOM_ASSIGN(const registry::ModelRow model, find_model(registry, model_name));
  HEIRLOOM_ASSIGN(const GenerationRow target, find_generation(registry, model, rollback.to));
  registry::Transaction transaction(registry.db);
  HEIRLOOM_ASSIGN(const GenerationRow current, champion_to_leave(registry, model, rollback));
  HEIRLOOM_TRY(check_can_return(registry, model, target, current));

  registry::EventDraft event;
  event.actor = actor;
  event.kind = "champion.rolled_back";
  event.model = model.spec.name;
  event.generation = target.number;
  event.payload = registry::json_text({{"from", current.label()},
                                       {"to", target.label()},
                                       {"barred", rollback.bar},
                                       {"reason", rollback.reason}});
  const std::string now = registry.now();
  registry.evidence.add_champion(transaction, model.id, {0, target.id, actor, rollback.reason, now},
                                 event.rows);
  if (rollback.bar) {
    registry.champions.add_bar(transaction, current.id, {0, actor, rollback.reason, now},
                               event.rows);
  }
  registry.audit.append(transaction, event);
  transaction.commit();
  return {};
}

base::Result<void> bar_generation(registry::Registry& registry, std::string_view model_name,
                                  std::int64_t number, const std::string& reason,
                                  const std::string& actor) {
  HEIRLOOM_TRY(check_reason(reason));
  HEIRLOOM_ASSIGN(const registry::ModelRow model, find_model(registry, model_name));
  HEIRLOOM_ASSIGN(const GenerationRow generation, find_generation(registry, model, number));
  HEIRLOOM_TRY(check_not_barred(registry, generation));
  if (!registry::is_final(generation.state)) {
    return base::fail(ErrorKind::conflict,
                      fmt::format("{} is {}: it can be barred once it has a verdict",
                                  generation.label(), registry::to_string(generation.state)));
  }
  registry::Transaction transaction(registry.db);
  const auto champion = registry.evidence.champion(model.id);
  if (champion && champion->generation_id == generation.id) {
    return base::fail(ErrorKind::conflict, generation.label() + " is the champion",
                      fmt::format("`heirloom rollback {} gN --reason ...` leaves it for an earlier "
                                  "one and bars it",
                                  model.spec.name));
  }
  registry::EventDraft event;
  event.actor = actor;
  event.kind = "bar.added";
  event.model = model.spec.name;
  event.generation = generation.number;
  event.payload = registry::json_text({{"reason", reason}});
  registry.champions.add_bar(transaction, generation.id, {0, actor, reason, registry.now()},
                             event.rows);
  registry.audit.append(transaction, event);
  transaction.commit();
  return {};
}

}  // namespace heirloom::daemon

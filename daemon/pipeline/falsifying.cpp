#include "daemon/pipeline/falsifying.h"

#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "daemon/pipeline/assessment.h"
#include "daemon/pipeline/sealing.h"
#include "daemon/pipeline/transitions.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using registry::GenerationRow;
using registry::State;

constexpr std::uint64_t kMaxRowsBytes = std::uint64_t{1} << 30;

// What the rows of an attack show, with the rows themselves as an artifact.
base::Result<registry::FalsificationRow> falsification_from(registry::Registry& registry,
                                                            const GenerationRow& generation,
                                                            const PlannedAttack& attack,
                                                            const std::string& text) {
  HEIRLOOM_ASSIGN(const auto rows, certificate::attack_from_tsv(text, "the worker's attack"));
  registry::FalsificationRow row;
  row.generation_id = generation.id;
  row.certificate_id = attack.certificate_id;
  row.requested = attack.requested;
  HEIRLOOM_ASSIGN(
      row.found, certificate::conclude_attack(attack.plan, rows, attack.commitment.protocol.alpha));
  HEIRLOOM_ASSIGN(row.attack_rows, registry.artifacts.put(text));
  return row;
}

void store(registry::Transaction& transaction, registry::Registry& registry,
           const GenerationRow& generation, const registry::FalsificationRow& row) {
  registry::EventDraft event;
  event.actor = "heirloomd";
  event.kind = "falsification.stored";
  event.model = registry.models.get(generation.model_id)->spec.name;
  event.generation = generation.number;
  const auto commitment = registry.evidence.commitment_of(generation.id);
  const bool sealed = judged_sealed(registry, *registry.models.policy(generation.policy_id),
                                    commitment->holdout_id);
  event.payload =
      nlohmann::json{
          {"attacked", sealed ? nlohmann::json() : nlohmann::json(row.found.attacked)},
          {"broken", sealed ? nlohmann::json() : nlohmann::json(row.found.broken.size())}}
          .dump();
  registry.evidence.add_falsification(transaction, row, registry.now(), event.rows);
  registry.audit.append(transaction, event);
}

}  // namespace

base::Result<PlannedAttack> planned_attack(registry::Registry& registry,
                                           const GenerationRow& candidate) {
  HEIRLOOM_ASSIGN(const auto protocol, protocol_for(registry, candidate, candidate));
  HEIRLOOM_ASSIGN(JudgedOn on, judged_on(registry, candidate));
  auto commitment =
      registry.evidence.find_commitment(*candidate.classifier_id, on.holdout.id, protocol.id());
  if (!commitment) return base::fail(ErrorKind::internal, "an attack without a commitment");
  const auto row = registry.evidence.certificate_of_commitment(commitment->id);
  if (!row) return base::fail(ErrorKind::internal, "an attack without a certificate");
  HEIRLOOM_TRY(registry.audit.check_row("commitments", commitment->id));
  HEIRLOOM_TRY(registry.audit.check_row("certified_examples", row->id));
  HEIRLOOM_ASSIGN(const auto order,
                  rank_examples(registry, on.holdout, "heirloom/falsify/v1", commitment->examples));
  PlannedAttack attack;
  attack.certificate_id = row->id;
  attack.requested = registry.models.policy(candidate.policy_id)->certify.falsify_examples;
  attack.plan =
      certificate::plan_attack(*registry.evidence.certificate(row->id), order, attack.requested);
  attack.on = std::move(on);
  attack.commitment = *std::move(commitment);
  return attack;
}

base::Result<bool> continue_falsifying(registry::Registry& registry,
                                       const GenerationRow& generation) {
  const auto policy = registry.models.policy(generation.policy_id);
  if (policy->certify.falsify_examples == 0) return false;
  HEIRLOOM_ASSIGN(const Assessment assessment, assess(registry, generation));
  if (!assessment.wants_attack()) return false;
  HEIRLOOM_ASSIGN(const PlannedAttack attack, planned_attack(registry, generation));
  if (attack.plan.targets.empty()) {  // nothing is claimed at a positive radius
    HEIRLOOM_ASSIGN(const auto row, falsification_from(registry, generation, attack,
                                                       certificate::attack_to_tsv({})));
    registry::Transaction transaction(registry.db);
    store(transaction, registry, generation, row);
    transaction.commit();
    return false;
  }
  registry::Transaction transaction(registry.db);
  registry::JobRow job;
  job.kind = "attack";
  job.generation_id = generation.id;
  job.subject_id = generation.id;
  registry.generations.add_job(transaction, job, registry.now());
  transaction.commit();
  return true;
}

base::Result<void> finish_attack(registry::Registry& registry, const registry::JobRow& job,
                                 const jobs::JobResult& result,
                                 const std::filesystem::path& output) {
  const auto* attacked = std::get_if<jobs::Attacked>(&*result.outcome);
  if (attacked == nullptr) {
    return base::fail(ErrorKind::internal, "the worker answered an attack with something else");
  }
  const auto generation = registry.generations.get(*job.generation_id);
  if (!generation || !awaits(*generation, State::certifying, result)) return {};
  HEIRLOOM_TRY(registry.audit.check_generation(generation->id));
  HEIRLOOM_ASSIGN(const PlannedAttack attack, planned_attack(registry, *generation));
  HEIRLOOM_ASSIGN(
      const std::string text,
      base::read_verified(output / attacked->rows.name, kMaxRowsBytes, attacked->rows.sha256));
  HEIRLOOM_ASSIGN(registry::FalsificationRow row,
                  falsification_from(registry, *generation, attack, text));
  row.samples = attacked->samples;
  row.seconds = result.seconds;

  registry::Transaction transaction(registry.db);
  store(transaction, registry, *generation, row);
  registry.generations.close_job(transaction, job.id, "done");
  transaction.commit();
  return {};
}

}  // namespace heirloom::daemon

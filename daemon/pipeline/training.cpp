// The training stage: choosing the teacher, and taking in what the worker trained.
#include <fmt/format.h>

#include "daemon/pipeline/bootstrapping.h"
#include "daemon/pipeline/commitment.h"
#include "daemon/pipeline/stages.h"
#include "daemon/pipeline/transitions.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;
using registry::GenerationRow;
using registry::State;

// Training is dear: what cannot be judged afterwards is not begun.
base::Result<void> check_can_be_judged(registry::Registry& registry,
                                       const GenerationRow& generation) {
  const auto policy = registry.models.policy(generation.policy_id);
  if (!policy) return base::fail(ErrorKind::internal, "a generation without a policy");
  HEIRLOOM_ASSIGN(const JudgedOn on, judged_on(registry, generation));
  HEIRLOOM_TRY(choose_examples(registry, on.holdout, policy->certify.examples));
  const NextLevel next = next_level(registry, *policy, on.holdout.id);
  if (next.level <= 0.0) {
    return base::fail(
        ErrorKind::conflict,
        fmt::format("holdout {:.12} is exhausted: {} candidates judged on it ({} planned), {} "
                    "promotions given ({} planned)",
                    on.holdout.digest.hex(), next.candidate - 1, next.terms.candidates,
                    next.promotions, next.terms.promotions),
        "add a snapshot whose holdout shares nothing with it, then register the version under a "
        "new name");
  }
  return {};
}

}  // namespace

base::Result<bool> may_begin(registry::Registry& registry, const GenerationRow& generation) {
  HEIRLOOM_TRY(check_can_be_judged(registry, generation));
  if (registry.evidence.champion(generation.model_id)) return true;
  return may_bootstrap(registry, generation);
}

base::Result<void> begin_training(registry::Registry& registry, const GenerationRow& generation) {
  const auto champion = registry.evidence.champion(generation.model_id);
  GenerationRow next = generation;
  next.state = State::training;
  next.attempt = 0;
  next.epoch = registry.epoch();
  next.kind = champion ? "transfer" : "bootstrap";
  next.teacher_id.reset();
  if (champion) next.teacher_id = champion->generation_id;
  next.error.reset();

  registry::Transaction transaction(registry.db);
  registry::JobRow job;
  job.kind = champion ? "transfer" : "train";
  job.generation_id = generation.id;
  registry.generations.add_job(transaction, job, registry.now());
  if (!move_generation(transaction, registry, generation, next, {})) return {};
  transaction.commit();
  return {};
}

base::Result<void> finish_training(registry::Registry& registry, const registry::JobRow& job,
                                   const jobs::JobResult& result,
                                   const std::filesystem::path& output) {
  const auto* trained = std::get_if<jobs::Trained>(&*result.outcome);
  if (trained == nullptr) {
    return base::fail(ErrorKind::internal, "the worker answered a training with something else");
  }
  const auto generation = registry.generations.get(*job.generation_id);
  if (!generation || !awaits(*generation, State::training, result)) return {};
  HEIRLOOM_TRY(registry.artifacts.import(output / trained->model.name, trained->model.sha256));
  if (const auto& weights = trained->weights) {
    HEIRLOOM_TRY(registry.artifacts.import(output / weights->name, weights->sha256));
  }

  GenerationRow next = *generation;
  next.state = State::certifying;
  next.attempt = 0;
  next.model_sha256 = trained->model.sha256;
  next.model_bytes = static_cast<std::int64_t>(trained->model.bytes);
  next.classifier_id = trained->classifier_id;
  next.kernel = trained->kernel;
  next.forward_batch = trained->forward_batch;
  next.train_seconds = result.seconds;

  registry::Transaction transaction(registry.db);
  MoveNote note;
  registry.generations.add_training(
      transaction, generation->id, jobs::training_report_json(*trained, result.seconds), note.rows);
  HEIRLOOM_TRY(commit_certification(transaction, registry, next, next, note.rows));
  if (const auto& weights = trained->weights) {
    registry.generations.add_trained_weights(transaction, generation->id, weights->sha256,
                                             weights->bytes, note.rows);
  }
  registry.generations.close_job(transaction, job.id, "done");
  if (!move_generation(transaction, registry, *generation, next, note)) return {};
  transaction.commit();
  return {};
}

void fail_generation(registry::Registry& registry, std::int64_t generation_id,
                     const base::Error& error) {
  const auto generation = registry.generations.get(generation_id);
  if (!generation || registry::is_final(generation->state)) return;
  GenerationRow next = *generation;
  next.state = State::failed;
  next.error = error.text();
  registry::Transaction transaction(registry.db);
  for (const registry::JobRow& job : registry.generations.open_jobs()) {
    if (job.generation_id == generation_id) {
      registry.generations.close_job(transaction, job.id, "failed");
    }
  }
  if (!move_generation(transaction, registry, *generation, next, {})) return;
  transaction.commit();
}

}  // namespace heirloom::daemon

#include "daemon/pipeline/queueing.h"

#include <cstring>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "daemon/commands.h"
#include "daemon/pipeline/bootstrapping.h"
#include "daemon/pipeline/stages.h"
#include "daemon/pipeline/transitions.h"

namespace heirloom::daemon {
namespace {

// Known before training, the same on every machine and after every restart, and different for
// each generation: the training seed.
std::uint64_t training_seed(const registry::ModelRow& model, const registry::VersionRow& version,
                            const registry::SnapshotRow& snapshot, std::int64_t number) {
  const base::Digest digest = base::FieldEncoder()
                                  .text("heirloom/training-seed/v1")
                                  .text(model.spec.name)
                                  .text(version.name)
                                  .digest(snapshot.train.digest)
                                  .integer(number)
                                  .sha256();
  std::uint64_t seed = 0;
  std::memcpy(&seed, digest.bytes.data(), sizeof seed);
  return seed >> 1;  // SQLite's integers are signed
}

registry::GenerationRow queue_version(registry::Registry& registry, const Waiting& waiting,
                                      const registry::VersionRow& version, std::string cause) {
  const auto& [model, snapshot, policy] = waiting;
  registry::NewGeneration next;
  next.model_id = model.id;
  next.version_id = version.id;
  next.snapshot_id = snapshot.id;
  next.policy_id = policy.id;
  next.cause = std::move(cause);
  next.seed = training_seed(model, version, snapshot, registry.generations.next_number(model.id));
  registry::Transaction transaction(registry.db);
  MoveNote note;
  const std::int64_t id = registry.generations.add(transaction, next, registry.now(), note.rows);
  const registry::GenerationRow queued = *registry.generations.get(id);
  record_queued(transaction, registry, queued, note);
  transaction.commit();
  return queued;
}

// Sees to it that the teacher of a two-step bootstrap is queued before `version`. False when that
// has to wait for its inspection.
base::Result<bool> teacher_is_queued(registry::Registry& registry, const Waiting& waiting,
                                     const registry::VersionRow& version) {
  const std::int64_t model_id = waiting.model.id;
  if (registry.evidence.champion(model_id)) return true;
  HEIRLOOM_ASSIGN(const auto arch, teacher_architecture(waiting.policy, version.arch));
  if (!arch) return true;
  const std::string name = teacher_version_name(*arch);
  const auto teacher = registry.catalog.version_named(model_id, name);
  if (teacher) {
    if (!registry.generations.newest_of(teacher->id, waiting.snapshot.id, waiting.policy.id)) {
      queue_version(registry, waiting, *teacher, "teacher of the bootstrap of " + version.name);
    }
    return true;
  }
  // A refused one is not asked for again: begin_training fails the version with the reason.
  if (const auto asked = registry.catalog.newest_registration(model_id, name)) {
    return asked->state == "refused";
  }
  config::InboxVersion request;
  request.model = waiting.model.spec.name;
  request.name = name;
  request.arch = *arch;
  HEIRLOOM_TRY(register_version(registry, Signers(), request, std::nullopt, kTeacherActor));
  return false;
}

}  // namespace

void queue_generations(registry::Registry& registry) {
  for (const registry::ModelRow& model : registry.models.all()) {
    const auto versions = registry.catalog.versions_without_generation(model.id);
    const auto snapshot = registry.catalog.latest_snapshot(model.id);
    const auto policy = registry.models.current_policy(model.id);
    if (versions.empty() || !snapshot || !policy) continue;
    if (!registry.catalog.latest_holdout_snapshot(model.id)) continue;
    const Waiting waiting{model, *snapshot, *policy};
    for (const auto& version : versions) {
      // One that was queued for another meanwhile.
      if (registry.generations.newest_of(version.id, snapshot->id, policy->id)) continue;
      const auto ready = teacher_is_queued(registry, waiting, version);
      if (!ready) {
        spdlog::error("model {}: {}", model.spec.name, ready.error().text());
        continue;
      }
      if (*ready) queue_version(registry, waiting, version, "new version " + version.name);
    }
  }
}

void queue_in_place_of_older(registry::Registry& registry, const Waiting& waiting,
                             const registry::VersionRow& version, std::string_view trigger,
                             const std::string& what) {
  std::vector<registry::GenerationRow> older;
  for (const registry::GenerationRow& generation : registry.generations.unfinished()) {
    if (generation.version_id == version.id && generation.state == registry::State::queued &&
        generation.cause.starts_with(trigger)) {
      older.push_back(generation);
    }
  }
  const registry::GenerationRow queued =
      queue_version(registry, waiting, version, std::string(trigger) + what);
  spdlog::info("{} {} is queued: {}", waiting.model.spec.name, queued.label(), queued.cause);
  for (const registry::GenerationRow& generation : older) {
    fail_generation(
        registry, generation.id,
        {base::ErrorKind::conflict,
         fmt::format("{} took its place in the queue: {}", queued.label(), queued.cause), ""});
  }
}

}  // namespace heirloom::daemon

#include "daemon/pipeline/job_builder.h"

#include <algorithm>
#include <thread>

#include "config/policy_yaml.h"
#include "daemon/drift/drift_checks.h"
#include "daemon/pipeline/commitment.h"
#include "daemon/pipeline/falsifying.h"
#include "daemon/pipeline/reproducing.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

base::Result<jobs::FileRef> artifact_ref(registry::Registry& registry,
                                         const registry::GenerationRow& generation) {
  if (!generation.model_sha256 || !generation.model_bytes) {
    return base::fail(ErrorKind::internal, generation.label() + " has no artifact");
  }
  return jobs::FileRef{registry.artifacts.path(*generation.model_sha256).native(),
                       *generation.model_sha256,
                       static_cast<std::uint64_t>(*generation.model_bytes)};
}

// A part as a job needs it: with the place of its manifest, which rows name by its hash alone.
jobs::DataPart placed(const registry::Registry& registry, jobs::DataPart part) {
  if (part.folder) {
    part.folder->manifest.path = registry.artifacts.path(part.folder->manifest.sha256).native();
  }
  return part;
}

base::Result<jobs::Task> training_task(registry::Registry& registry,
                                       const registry::GenerationRow& generation) {
  const auto version = registry.catalog.version(generation.version_id);
  const auto snapshot = registry.catalog.snapshot(generation.snapshot_id);
  const auto row = registry.models.policy(generation.policy_id);
  if (!version || !snapshot || !row) {
    return base::fail(ErrorKind::internal, "a generation names a row that is gone");
  }
  HEIRLOOM_ASSIGN(const policies::Policy policy,
                  config::policy_from_yaml(row->text, "stored policy"));
  jobs::Train task;
  task.arch = version->arch;
  if (version->file) {
    const registry::VersionFile& file = *version->file;
    task.file = {registry.artifacts.path(file.sha256).native(), file.sha256, file.bytes};
  }
  task.train = placed(registry, snapshot->train);
  task.seed = generation.seed;
  task.precision = policy.certify.precision;
  if (!generation.teacher_id) {
    task.method = policy.bootstrap.method;
    task.settings = policy.bootstrap.settings;
    return jobs::Task(task);
  }
  const auto teacher = registry.generations.get(*generation.teacher_id);
  if (!teacher) return base::fail(ErrorKind::internal, "the teacher's row is gone");
  HEIRLOOM_ASSIGN(jobs::FileRef artifact, artifact_ref(registry, *teacher));
  task.method =
      jobs::TransferMethod{std::move(artifact), policy.transfer.alpha, policy.transfer.match_on};
  task.settings = policy.transfer.settings;
  return jobs::Task(task);
}

base::Result<jobs::Task> certify_task_of(registry::Registry& registry,
                                         const registry::GenerationRow& subject,
                                         const registry::CommitmentRow& commitment,
                                         const jobs::DataPart& holdout) {
  jobs::Certify task;
  HEIRLOOM_ASSIGN(task.model, artifact_ref(registry, subject));
  HEIRLOOM_ASSIGN(task.noise_key, registry.catalog.noise_key(commitment.holdout_id));
  task.classifier_id = *subject.classifier_id;
  task.holdout = placed(registry, holdout);
  task.protocol = commitment.protocol.to_json();
  task.examples = commitment.examples;
  for (const certificate::Floor& floor : floors_of(registry, commitment)) {
    task.floors.push_back({floor.radius, floor.needed});
  }
  return jobs::Task(std::move(task));
}

base::Result<jobs::Task> certify_task(registry::Registry& registry,
                                      const registry::GenerationRow& candidate,
                                      const registry::GenerationRow& subject) {
  HEIRLOOM_ASSIGN(const JudgedOn on, judged_on(registry, candidate));
  HEIRLOOM_ASSIGN(const auto protocol, protocol_for(registry, candidate, subject));
  const auto commitment =
      registry.evidence.find_commitment(*subject.classifier_id, on.holdout.id, protocol.id());
  if (!commitment || !on.snapshot.holdout) {
    return base::fail(ErrorKind::internal, "a certification without its commitment");
  }
  return certify_task_of(registry, subject, *commitment, *on.snapshot.holdout);
}

// The same job again, from what was committed to then.
base::Result<jobs::Task> reproduce_task(registry::Registry& registry, const registry::JobRow& row,
                                        const registry::GenerationRow& subject) {
  HEIRLOOM_ASSIGN(const auto certificate, reproduced_certificate(registry, row));
  const auto commitment = registry.evidence.commitment(certificate.commitment_id);
  const auto snapshot =
      commitment ? registry.catalog.snapshot_with_holdout(commitment->holdout_id) : std::nullopt;
  if (!snapshot || !snapshot->holdout) {
    return base::fail(ErrorKind::internal, "a certificate without its holdout");
  }
  return certify_task_of(registry, subject, *commitment, *snapshot->holdout);
}

base::Result<jobs::Task> attack_task(registry::Registry& registry,
                                     const registry::GenerationRow& candidate) {
  HEIRLOOM_ASSIGN(const PlannedAttack attack, planned_attack(registry, candidate));
  if (!attack.on.snapshot.holdout) {
    return base::fail(ErrorKind::internal, "an attack without a holdout");
  }
  jobs::Attack task;
  HEIRLOOM_ASSIGN(task.model, artifact_ref(registry, candidate));
  HEIRLOOM_ASSIGN(task.noise_key, registry.catalog.noise_key(attack.on.holdout.id));
  task.classifier_id = *candidate.classifier_id;
  task.holdout = placed(registry, *attack.on.snapshot.holdout);
  task.protocol = attack.commitment.protocol.to_json();
  for (const certificate::AttackTarget& target : attack.plan.targets) {
    task.targets.push_back({target.index, target.claimed, target.epsilon});
  }
  return jobs::Task(std::move(task));
}

// The digests of every image that an earlier snapshot of the model has.
std::vector<jobs::FileRef> known_images(const registry::Registry& registry,
                                        const std::vector<registry::SnapshotRow>& snapshots,
                                        std::int64_t before) {
  std::vector<jobs::FileRef> known;
  const auto add = [&](const base::Digest& digest) {
    const auto path = registry.artifacts.path(digest);
    std::error_code error;
    const auto bytes = std::filesystem::file_size(path, error);
    known.push_back({path.native(), digest, error ? 0 : bytes});
  };
  for (const registry::SnapshotRow& snapshot : snapshots) {
    if (snapshot.id >= before) continue;
    add(snapshot.train_images);
    if (snapshot.holdout_images) add(*snapshot.holdout_images);
  }
  return known;
}

base::Result<jobs::Task> drift_task(registry::Registry& registry, const registry::JobRow& row,
                                    const registry::GenerationRow& champion) {
  const auto check = registry.drifts.check_of_job(row.id);
  const auto snapshot = check ? registry.catalog.snapshot(check->snapshot_id) : std::nullopt;
  if (!snapshot) return base::fail(ErrorKind::internal, "a drift test without its plan");
  HEIRLOOM_ASSIGN(const DriftPlan plan, drift_plan_from_json(check->plan));
  HEIRLOOM_ASSIGN(const DriftReference reference, drift_reference(registry, champion));
  HEIRLOOM_ASSIGN(DriftDraws draws, drift_draws(registry, reference, plan));
  HEIRLOOM_ASSIGN(const base::Digest secret, registry.catalog.noise_key(reference.holdout.id));
  jobs::Drift task;
  HEIRLOOM_ASSIGN(task.model, artifact_ref(registry, champion));
  task.classifier_id = *champion.classifier_id;
  task.protocol = draws.protocol.to_json();
  task.noise_key = draws.noise_key;
  task.radius = plan.radius;
  task.reference = placed(registry, *reference.snapshot.holdout);
  task.reference_examples = std::move(draws.examples);
  if (const auto outputs = registry.drifts.reference_outputs(draws.reference_key)) {
    task.reference_outputs = {registry.artifacts.path(*outputs).native(), *outputs, 0};
  }
  task.reference_labels = reference.labels;
  task.fresh = placed(registry, snapshot->train);
  task.known = known_images(registry, registry.catalog.snapshots(champion.model_id), snapshot->id);
  task.batch = plan.sizes.batch;
  task.labels = plan.sizes.labels;
  task.seed = base::hmac_sha256(secret, base::FieldEncoder()
                                            .text("heirloom/drift-seed/v1")
                                            .digest(snapshot->train.digest)
                                            .digest(task.classifier_id)
                                            .encoded());
  task.tests = plan.tests;
  return jobs::Task(std::move(task));
}

base::Result<jobs::Task> build_task(registry::Registry& registry, const registry::JobRow& row,
                                    std::int64_t& model_id) {
  if (row.registration_id) {
    const auto registration = registry.catalog.registration(*row.registration_id);
    if (!registration) return base::fail(ErrorKind::internal, "the registration is gone");
    model_id = registration->model_id;
    return registration->request;
  }
  const auto generation = registry.generations.get(row.generation_id.value_or(0));
  if (!generation) return base::fail(ErrorKind::internal, "the job's generation is gone");
  model_id = generation->model_id;
  if (row.kind == "attack") return attack_task(registry, *generation);
  if (row.kind == kDriftJob) return drift_task(registry, row, *generation);
  if (row.kind == kReproduceJob) return reproduce_task(registry, row, *generation);
  if (row.kind != "certify") return training_task(registry, *generation);
  const auto subject = registry.generations.get(row.subject_id.value_or(0));
  if (!subject) return base::fail(ErrorKind::internal, "the job's subject is gone");
  return certify_task(registry, *generation, *subject);
}

}  // namespace

jobs::Compute compute_of(const config::Settings& settings) {
  const int all = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return {settings.threads > 0 ? settings.threads : all, settings.device};
}

base::Result<jobs::Job> build_job(registry::Registry& registry, const registry::JobRow& row,
                                  std::int64_t attempt, const jobs::Compute& compute) {
  std::int64_t model_id = 0;
  HEIRLOOM_ASSIGN(jobs::Task task, build_task(registry, row, model_id));
  const auto model = registry.models.get(model_id);
  if (!model) return base::fail(ErrorKind::internal, "the job's model is gone");
  jobs::Job job;
  job.id = row.id;
  job.attempt = attempt;
  job.epoch = registry.epoch();
  job.threads = compute.threads;
  job.device = compute.device;
  job.model = model->spec;
  job.task = std::move(task);
  return job;
}

}  // namespace heirloom::daemon

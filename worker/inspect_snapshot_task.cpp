#include <string>

#include "core/data/source.h"
#include "worker/tasks.h"

namespace heirloom::worker {
namespace {

std::string digest_bytes(const std::vector<base::Digest>& digests) {
  std::string bytes;
  bytes.reserve(digests.size() * sizeof(base::Digest::bytes));
  for (const base::Digest& digest : digests) bytes.append(digest.bytes.begin(), digest.bytes.end());
  return bytes;
}

base::Result<void> write_manifest(const data::ResolvedPart& part, std::string_view name,
                                  TaskContext& context) {
  if (!part.part.folder) return {};
  HEIRLOOM_TRY(context.folder.write_output(name, part.manifest));
  return {};
}

}  // namespace

base::Result<jobs::Outcome> run_task(const jobs::InspectSnapshot& task, TaskContext& context) {
  const jobs::ModelSpec& model = context.job.model;
  const int threads = context.job.threads;
  const std::int64_t parts = task.has_holdout ? 2 : 1;
  context.events.started(0, parts);
  HEIRLOOM_ASSIGN(const data::ResolvedPart train,
                  data::resolve(task.train, model.input, model.classes,
                                {.role = data::PartRole::train, .threads = threads}));
  data::ResolvedPart holdout;
  if (task.has_holdout) {
    context.events.progress(1, parts, 0.0, 0.0);
    HEIRLOOM_ASSIGN(holdout, data::resolve(task.holdout, model.input, model.classes,
                                           {.role = data::PartRole::holdout, .threads = threads}));
    HEIRLOOM_TRY(data::check_parts(train, holdout, threads));
  }
  jobs::SnapshotInspected inspected;
  inspected.train = train.part;
  HEIRLOOM_TRY(write_manifest(train, jobs::kTrainManifestOutput, context));
  HEIRLOOM_ASSIGN(inspected.train_images,
                  context.folder.write_output(
                      jobs::kTrainImagesOutput,
                      digest_bytes(data::sorted_image_digests(train.dataset, threads))));
  if (task.has_holdout) {
    inspected.has_holdout = true;
    inspected.holdout = holdout.part;
    inspected.holdout_id = jobs::holdout_id(holdout.examples);
    HEIRLOOM_TRY(write_manifest(holdout, jobs::kHoldoutManifestOutput, context));
    HEIRLOOM_ASSIGN(inspected.holdout_images,
                    context.folder.write_output(
                        jobs::kHoldoutImagesOutput,
                        digest_bytes(data::sorted_image_digests(holdout.dataset, threads))));
    HEIRLOOM_ASSIGN(
        inspected.example_digests,
        context.folder.write_output(jobs::kExampleDigestsOutput, digest_bytes(holdout.examples)));
  }
  context.events.finished(parts, parts);
  return inspected;
}

}  // namespace heirloom::worker

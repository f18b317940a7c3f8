#include <cstdio>
#include <string>

#include "core/base/files.h"
#include "core/data/part.h"
#include "core/smooth/kernel.h"
#include "core/train/train.h"
#include "worker/certified_model.h"
#include "worker/loss_curve.h"
#include "worker/process.h"
#include "worker/tasks.h"

namespace heirloom::worker {
namespace {

// The same for each attempt of a job: where it was launched does not change what it trains.
base::Digest fingerprint(jobs::Job job) {
  job.attempt = 1;
  job.epoch = 0;
  return base::sha256(jobs::to_json(job));
}

double seconds_of(std::chrono::milliseconds time) {
  return static_cast<double>(time.count()) / 1000.0;
}

train::TrainHooks hooks_for(TaskContext& context) {
  train::TrainHooks hooks;
  hooks.on_start = [&context](const train::Position& at) {
    context.started_from = at.step;
    context.events.started(at.step, at.total);
  };
  hooks.on_step = [&context](const train::Position& at) {
    context.events.progress(at.step, at.total, at.images_per_second, at.loss, at.distance);
  };
  hooks.on_warning = [](const std::string& words) {
    std::fprintf(stderr, "heirloom-worker: %s\n", words.c_str());
  };
  hooks.should_stop = [] { return stop_requested(); };
  return hooks;
}

}  // namespace

base::Result<jobs::Outcome> run_task(const jobs::Train& spec, TaskContext& context) {
  const jobs::Job& job = context.job;
  HEIRLOOM_ASSIGN(const data::Dataset dataset,
                  data::load_part(spec.train, job.model.input, job.model.classes, job.threads));
  std::string teacher;
  if (const auto* transfer = std::get_if<jobs::TransferMethod>(&spec.method)) {
    HEIRLOOM_ASSIGN(teacher, load_artifact(transfer->teacher));
  }
  std::string file;
  if (spec.file) {
    HEIRLOOM_ASSIGN(file, load_artifact(*spec.file));
  }
  const train::TrainTask task{.model = job.model,
                              .spec = spec,
                              .dataset = &dataset,
                              .teacher = teacher,
                              .file = file,
                              .threads = job.threads,
                              .checkpoints = context.folder.checkpoints(),
                              .fingerprint = fingerprint(job)};
  HEIRLOOM_ASSIGN(const train::TrainOutcome trained, train::train(task, hooks_for(context)));
  context.seconds = seconds_of(trained.worked);
  jobs::Trained outcome;
  outcome.classifier_id = trained.classifier_id;
  outcome.steps = trained.steps;
  outcome.recoveries = trained.recoveries;
  outcome.final_loss = trained.final_loss;
  outcome.kernel = smooth::kernel();
  outcome.forward_batch = smooth::forward_batch(spec.arch, spec.precision);
  outcome.transfer = trained.transfer;
  outcome.curve = loss_curve(context.folder.events());
  HEIRLOOM_ASSIGN(outcome.model, context.folder.write_output(jobs::kModelOutput, trained.artifact));
  if (!trained.weights.empty()) {
    HEIRLOOM_ASSIGN(outcome.weights,
                    context.folder.write_output(jobs::kWeightsOutput, trained.weights));
  }
  context.events.finished(trained.steps, trained.steps);
  return outcome;
}

}  // namespace heirloom::worker

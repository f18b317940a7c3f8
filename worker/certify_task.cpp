#include <chrono>
#include <string>

#include <fmt/format.h>

#include "core/base/files.h"
#include "core/certificate/certificate.h"
#include "core/data/part.h"
#include "core/smooth/count_sampler.h"
#include "core/smooth/counts_progress.h"
#include "core/smooth/kernel.h"
#include "worker/process.h"
#include "worker/tasks.h"

namespace heirloom::worker {
namespace {

using base::ErrorKind;
using base::Result;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t kMaxModelBytes = std::uint64_t{1} << 32;
constexpr std::string_view kProgressFile = "counts.progress";

// Everything that decides the counts.
base::Digest fingerprint(const jobs::Certify& task, double sigma) {
  base::FieldEncoder fields;
  fields.text("heirloom/certify-task/v1")
      .digest(task.classifier_id)
      .digest(task.holdout_id)
      .digest(task.noise_key)
      .real(sigma)
      .integer(static_cast<std::int64_t>(task.n0))
      .integer(static_cast<std::int64_t>(task.n))
      .text(task.kernel)
      .integer(task.forward_batch)
      .digest(certificate::example_list_digest(task.examples));
  return fields.sha256();
}

Result<void> check_job(const jobs::Certify& task) {
  if (const std::string own = smooth::kernel(); task.kernel != own) {
    return base::fail(
        ErrorKind::conflict,
        fmt::format("the job asks for kernel \"{}\", but this worker has \"{}\"", task.kernel, own),
        "other kernels give other counts: certify again under this one");
  }
  for (std::size_t i = 1; i < task.examples.size(); ++i) {
    if (task.examples[i - 1] >= task.examples[i]) {
      return base::fail(ErrorKind::usage, "the examples of the job are not in ascending order");
    }
  }
  if (task.examples.empty()) return base::fail(ErrorKind::usage, "the job names no examples");
  return {};
}

Result<data::Dataset> load_holdout(const jobs::Certify& task, const jobs::ModelSpec& model) {
  HEIRLOOM_ASSIGN(data::Dataset holdout, data::load_part(task.holdout, model.input, model.classes));
  if (jobs::holdout_id(data::example_digests(holdout)) != task.holdout_id) {
    return base::fail(ErrorKind::bad_data, "the holdout is not the one that the job names");
  }
  return holdout;
}

milliseconds since(steady_clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

double seconds_of(milliseconds time) {
  return static_cast<double>(time.count()) / 1000.0;
}

// Samples what is left of the job into `progress`.
Result<void> sample(const smooth::CountTask& task, smooth::CountsProgress& progress,
                    TaskContext& context) {
  const steady_clock::time_point start = steady_clock::now();
  const milliseconds before = progress.worked();
  const auto total = static_cast<std::int64_t>(task.examples.size());
  std::uint64_t samples = 0;
  smooth::CountHooks hooks;
  hooks.on_example = [&](const certificate::ExampleCounts& row) {
    return progress.append(row, before + since(start));
  };
  hooks.on_samples = [&](std::uint64_t count) {
    samples += count;
    const double seconds = seconds_of(since(start));
    context.events.progress(static_cast<std::int64_t>(progress.rows().size()), total,
                            seconds > 0.0 ? static_cast<double>(samples) / seconds : 0.0, 0.0);
  };
  hooks.should_stop = [] { return stop_requested(); };
  Result<void> sampled = smooth::sample_counts(task, hooks);
  context.seconds = seconds_of(progress.worked());
  // What a stopped or failed run has finished is kept as well.
  HEIRLOOM_TRY(progress.sync());
  return sampled;
}

}  // namespace

Result<jobs::Outcome> run_task(const jobs::Certify& spec, TaskContext& context) {
  const jobs::Job& job = context.job;
  HEIRLOOM_TRY(check_job(spec));
  HEIRLOOM_ASSIGN(const std::string model,
                  base::read_verified(spec.model.path, kMaxModelBytes, spec.model.sha256));
  HEIRLOOM_ASSIGN(const data::Dataset holdout, load_holdout(spec, job.model));
  HEIRLOOM_ASSIGN(smooth::CountsProgress progress,
                  smooth::CountsProgress::open(context.folder.checkpoints() / kProgressFile,
                                               fingerprint(spec, job.model.sigma), spec.examples));
  const auto total = static_cast<std::int64_t>(spec.examples.size());
  context.started_from = static_cast<std::int64_t>(progress.rows().size());
  context.events.started(context.started_from, total);
  const smooth::CountTask task{.model = model,
                               .origin = spec.model.path,
                               .holdout = &holdout,
                               .examples = spec.examples,
                               .first = progress.rows().size(),
                               .noise = {.secret = spec.noise_key,
                                         .classifier_id = spec.classifier_id,
                                         .holdout_id = spec.holdout_id,
                                         .sigma = base::Sigma(job.model.sigma)},
                               .n0 = spec.n0,
                               .n = spec.n,
                               .forward_batch = spec.forward_batch,
                               .threads = job.threads};
  HEIRLOOM_TRY(sample(task, progress, context));
  jobs::Certified outcome;
  outcome.samples = progress.rows().size() * (spec.n0 + spec.n);
  HEIRLOOM_ASSIGN(outcome.counts,
                  context.folder.write_output(jobs::kCountsOutput,
                                              certificate::counts_to_tsv(progress.rows())));
  context.events.finished(total, total);
  return outcome;
}

}  // namespace heirloom::worker

#include <chrono>
#include <string>

#include <fmt/format.h>

#include "core/certificate/curtailment.h"
#include "core/certificate/stopping.h"
#include "core/smooth/count_sampler.h"
#include "core/smooth/counts_progress.h"
#include "worker/certified_model.h"
#include "worker/process.h"
#include "worker/tasks.h"

namespace heirloom::worker {
namespace {

using base::ErrorKind;
using base::Result;
using certificate::Protocol;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kProgressFile = "counts.progress";

// Everything that decides the counts.
base::Digest fingerprint(const jobs::Certify& task, const Protocol& protocol) {
  base::FieldEncoder fields;
  fields.text("heirloom/certify-task/v2")
      .digest(task.classifier_id)
      .digest(task.noise_key)
      .digest(protocol.id())
      .integer(protocol.forward_batch)
      .integer(task.shard)
      .integer(task.shards);
  return fields.sha256();
}

// The job's protocol, which must fit its model, its examples and this worker.
Result<Protocol> protocol_of(const jobs::Certify& task, const jobs::ModelSpec& model) {
  HEIRLOOM_ASSIGN(Protocol protocol, protocol_for_worker(task.protocol, model));
  if (protocol.examples != certificate::example_list_digest(task.examples)) {
    return base::fail(ErrorKind::usage, "the protocol names other examples than the job");
  }
  return protocol;
}

// The examples that this job samples, in order.
Result<std::vector<std::uint32_t>> examples_of(const jobs::Certify& task) {
  std::vector<std::uint32_t> mine;
  for (std::size_t i = task.shard; i < task.examples.size(); i += task.shards) {
    mine.push_back(task.examples[i]);
  }
  if (mine.empty()) {
    return base::fail(ErrorKind::usage,
                      fmt::format("shard {} of {} has none of {} examples", task.shard + 1,
                                  task.shards, task.examples.size()));
  }
  if (task.shards > 1 && !task.floors.empty()) {
    return base::fail(ErrorKind::usage, "a shard cannot know when the whole is out of reach");
  }
  return mine;
}

milliseconds since(steady_clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

double seconds_of(milliseconds time) {
  return static_cast<double>(time.count()) / 1000.0;
}

std::uint64_t draws_of(const Protocol& protocol, const certificate::ExampleCounts& row) {
  std::uint64_t draws = protocol.mode == certificate::Mode::exact ? protocol.n : 0;
  for (const certificate::Stop& stop : row.stops) {
    draws = std::max<std::uint64_t>(draws, stop.draws);
  }
  return protocol.n0 + draws;
}

// The rows of earlier attempts and of this one: kept on disk, and weighed against the floors.
struct Rows {
  const Protocol& protocol;
  const certificate::StoppingRule& rule;
  smooth::CountsProgress& progress;
  certificate::Curtailment curtailment;
  std::uint64_t draws = 0;

  Result<smooth::Next> weigh(const certificate::ExampleCounts& row) {
    HEIRLOOM_ASSIGN(const certificate::CertifiedExample example, rule.conclude(row));
    draws += draws_of(protocol, row);
    return curtailment.add(example) ? smooth::Next::enough : smooth::Next::go_on;
  }
};

// Samples what is left of the job into `rows`.
Result<void> sample(const smooth::CountTask& task, Rows& rows, TaskContext& context) {
  const steady_clock::time_point start = steady_clock::now();
  smooth::CountsProgress& progress = rows.progress;
  const milliseconds before = progress.worked();
  const auto total = static_cast<std::int64_t>(task.examples.size());
  std::uint64_t samples = 0;
  smooth::CountHooks hooks;
  hooks.on_example = [&](const certificate::ExampleCounts& row) -> Result<smooth::Next> {
    HEIRLOOM_TRY(progress.append(row, before + since(start)));
    return rows.weigh(row);
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

std::vector<certificate::Floor> floors_of(const jobs::Certify& spec) {
  std::vector<certificate::Floor> floors;
  for (const jobs::Floor& floor : spec.floors) floors.push_back({floor.radius, floor.needed});
  return floors;
}

}  // namespace

Result<jobs::Outcome> run_task(const jobs::Certify& spec, TaskContext& context) {
  const jobs::Job& job = context.job;
  HEIRLOOM_ASSIGN(const Protocol protocol, protocol_of(spec, job.model));
  HEIRLOOM_ASSIGN(const std::vector<std::uint32_t> examples, examples_of(spec));
  HEIRLOOM_ASSIGN(const std::string model, load_artifact(spec.model));
  HEIRLOOM_ASSIGN(const data::Dataset holdout,
                  load_holdout(spec.holdout, protocol, job.model, job.threads));
  HEIRLOOM_ASSIGN(const auto rule, certificate::StoppingRule::create(protocol, job.model.classes));
  HEIRLOOM_ASSIGN(smooth::CountsProgress progress,
                  smooth::CountsProgress::open(context.folder.checkpoints() / kProgressFile,
                                               fingerprint(spec, protocol), examples));
  const auto total = static_cast<std::int64_t>(examples.size());
  context.started_from = static_cast<std::int64_t>(progress.rows().size());
  context.events.started(context.started_from, total);
  Rows rows{protocol, rule, progress, certificate::Curtailment(floors_of(spec), examples.size())};
  auto next = smooth::Next::go_on;
  for (const certificate::ExampleCounts& row : progress.rows()) {
    HEIRLOOM_ASSIGN(next, rows.weigh(row));
  }
  const smooth::CountTask task{.model = model,
                               .origin = spec.model.path,
                               .holdout = &holdout,
                               .examples = examples,
                               .first = progress.rows().size(),
                               .noise = {.secret = spec.noise_key,
                                         .classifier_id = spec.classifier_id,
                                         .holdout_id = protocol.holdout_id,
                                         .sigma = base::Sigma(protocol.sigma)},
                               .protocol = &protocol,
                               .threads = job.threads};
  if (next == smooth::Next::go_on) HEIRLOOM_TRY(sample(task, rows, context));
  jobs::Certified outcome;
  outcome.samples = rows.draws;
  HEIRLOOM_ASSIGN(outcome.counts,
                  context.folder.write_output(jobs::kCountsOutput,
                                              certificate::counts_to_tsv(progress.rows())));
  context.events.finished(static_cast<std::int64_t>(progress.rows().size()), total);
  return outcome;
}

}  // namespace heirloom::worker

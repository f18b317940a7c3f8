#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/base/files.h"
#include "core/certificate/outputs.h"
#include "core/data/part.h"
#include "core/smooth/drift_tests.h"
#include "core/smooth/output_sampler.h"
#include "core/stats/permutation.h"
#include "worker/certified_model.h"
#include "worker/process.h"
#include "worker/tasks.h"

namespace heirloom::worker {
namespace {

using base::ErrorKind;
using base::Result;
using certificate::OutputRow;
using certificate::Protocol;

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 32;

// Files of sorted digests, each as it was written.
class KnownImages {
 public:
  static Result<KnownImages> read(const std::vector<jobs::FileRef>& files) {
    KnownImages known;
    for (const jobs::FileRef& file : files) {
      HEIRLOOM_ASSIGN(const std::string bytes,
                      base::read_verified(file.path, kMaxFileBytes, file.sha256));
      std::vector<base::Digest>& digests =
          known.files_.emplace_back(bytes.size() / sizeof(base::Digest));
      std::memcpy(digests.data(), bytes.data(), digests.size() * sizeof(base::Digest));
    }
    return known;
  }

  bool has(const base::Digest& image) const {
    return std::any_of(files_.begin(), files_.end(), [&](const auto& digests) {
      return std::binary_search(digests.begin(), digests.end(), image);
    });
  }

 private:
  std::vector<std::vector<base::Digest>> files_;
};

// The examples that no earlier snapshot has, in an order that `seed` chooses.
Result<std::vector<std::uint32_t>> fresh_examples(const jobs::Drift& task,
                                                  const data::Dataset& images, int threads) {
  HEIRLOOM_ASSIGN(const KnownImages known, KnownImages::read(task.known));
  const std::vector<base::Digest> digests = data::image_digests(images, threads);
  std::vector<std::uint32_t> fresh;
  for (std::size_t i = 0; i < digests.size(); ++i) {
    if (!known.has(digests[i])) fresh.push_back(static_cast<std::uint32_t>(i));
  }
  base::PhiloxWords words(
      base::FieldEncoder().text("heirloom/drift-batch/v1").digest(task.seed).sha256());
  stats::RandomSubset order(fresh.size(), fresh.size());
  std::vector<std::uint32_t> out;
  for (const std::uint32_t place : order.draw(words)) out.push_back(fresh[place]);
  return out;
}

std::vector<std::uint64_t> count_labels(const data::Dataset& images,
                                        std::span<const std::uint32_t> examples) {
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(images.classes), 0);
  for (const std::uint32_t index : examples) ++counts[images.labels[index]];
  return counts;
}

// Samples outputs and says how far it has come, over all that is to be sampled.
class Sampling {
 public:
  Sampling(const jobs::Drift& task, const Protocol& protocol, std::string_view model,
           TaskContext& context)
      : task_(task), protocol_(protocol), model_(model), context_(context) {}

  void expect(std::size_t examples) {
    total_ += examples;
    context_.events.started(0, static_cast<std::int64_t>(total_));
  }

  Result<std::vector<OutputRow>> run(const data::Dataset& images,
                                     std::vector<std::uint32_t> examples) {
    const std::size_t before = done_;
    const smooth::OutputTask task{.model = model_,
                                  .origin = task_.model.path,
                                  .images = &images,
                                  .examples = std::move(examples),
                                  .noise = {.secret = task_.noise_key,
                                            .classifier_id = task_.classifier_id,
                                            .holdout_id = protocol_.holdout_id,
                                            .sigma = base::Sigma(protocol_.sigma)},
                                  .protocol = &protocol_,
                                  .threads = context_.job.threads};
    smooth::OutputHooks hooks;
    hooks.on_example = [&](std::size_t done) {
      done_ = before + done;
      const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start_;
      context_.events.progress(static_cast<std::int64_t>(done_), static_cast<std::int64_t>(total_),
                               static_cast<double>(samples()) / std::max(time.count(), 1e-3), 0.0);
    };
    hooks.should_stop = [] { return stop_requested(); };
    return smooth::sample_outputs(task, hooks);
  }

  std::uint64_t samples() const { return done_ * (protocol_.n0 + protocol_.n); }
  void finish() const {
    context_.events.finished(static_cast<std::int64_t>(done_), static_cast<std::int64_t>(total_));
  }

 private:
  const jobs::Drift& task_;
  const Protocol& protocol_;
  std::string_view model_;
  TaskContext& context_;
  std::size_t total_ = 0;
  std::size_t done_ = 0;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// The rows of an earlier job, which must be those of this one's reference.
Result<std::vector<OutputRow>> earlier_rows(const jobs::Drift& task) {
  const jobs::FileRef& file = *task.reference_outputs;
  HEIRLOOM_ASSIGN(const std::string text,
                  base::read_verified(file.path, kMaxFileBytes, file.sha256));
  HEIRLOOM_ASSIGN(auto rows, certificate::outputs_from_tsv(text, file.path));
  const bool same = std::equal(rows.begin(), rows.end(), task.reference_examples.begin(),
                               task.reference_examples.end(),
                               [](const OutputRow& row, auto index) { return row.index == index; });
  if (!same) {
    return base::fail(ErrorKind::usage, "the outputs given are of other examples than the job's");
  }
  return rows;
}

Result<std::vector<OutputRow>> reference_rows(const jobs::Drift& task, const Protocol& protocol,
                                              Sampling& sampling, TaskContext& context,
                                              jobs::Drifted& outcome) {
  if (task.reference_outputs) return earlier_rows(task);
  HEIRLOOM_ASSIGN(const data::Dataset images,
                  load_holdout(task.reference, protocol, context.job.model, context.job.threads));
  HEIRLOOM_ASSIGN(auto rows, sampling.run(images, task.reference_examples));
  HEIRLOOM_ASSIGN(
      outcome.reference_outputs,
      context.folder.write_output(jobs::kReferenceOutputs, certificate::outputs_to_tsv(rows)));
  return rows;
}

Result<Protocol> protocol_of(const jobs::Drift& task, const jobs::ModelSpec& model) {
  HEIRLOOM_ASSIGN(Protocol protocol, protocol_for_worker(task.protocol, model));
  if (protocol.mode != certificate::Mode::exact || protocol.n0 == 0) {
    return base::fail(ErrorKind::usage, "a drift test needs the draws of exact mode");
  }
  if (protocol.examples != certificate::example_list_digest(task.reference_examples)) {
    return base::fail(ErrorKind::usage, "the protocol names other examples than the job");
  }
  if (task.reference_labels.size() != static_cast<std::size_t>(model.classes)) {
    return base::fail(ErrorKind::usage, "the reference's label counts are of another model");
  }
  return protocol;
}

}  // namespace

Result<jobs::Outcome> run_task(const jobs::Drift& spec, TaskContext& context) {
  const jobs::Job& job = context.job;
  HEIRLOOM_ASSIGN(const Protocol protocol, protocol_of(spec, job.model));
  HEIRLOOM_ASSIGN(const std::string model, load_artifact(spec.model));
  HEIRLOOM_ASSIGN(const data::Dataset images,
                  data::load_part(spec.fresh, job.model.input, job.model.classes, job.threads));
  HEIRLOOM_ASSIGN(const std::vector<std::uint32_t> fresh,
                  fresh_examples(spec, images, job.threads));
  jobs::Drifted outcome;
  outcome.fresh = fresh.size();
  Sampling sampling(spec, protocol, model, context);
  if (fresh.size() < jobs::kLeastDriftBatch) {
    sampling.expect(0);
    sampling.finish();
    return outcome;
  }
  const std::span all(fresh);
  const auto most = [&](std::uint64_t count) { return all.first(std::min(all.size(), count)); };
  const auto batch = most(spec.batch);
  sampling.expect(batch.size() + (spec.reference_outputs ? 0 : spec.reference_examples.size()));
  HEIRLOOM_ASSIGN(const auto reference, reference_rows(spec, protocol, sampling, context, outcome));
  HEIRLOOM_ASSIGN(const auto rows, sampling.run(images, {batch.begin(), batch.end()}));
  HEIRLOOM_ASSIGN(outcome.outputs, context.folder.write_output(jobs::kFreshOutputs,
                                                               certificate::outputs_to_tsv(rows)));
  const std::vector<std::uint64_t> labels = count_labels(images, most(spec.labels));
  const smooth::DriftSamples samples{reference, rows, spec.reference_labels, labels};
  outcome.labels = most(spec.labels).size();
  outcome.reference = smooth::coverage_of(reference, protocol, spec.radius);
  outcome.batch = smooth::coverage_of(rows, protocol, spec.radius);
  outcome.tests = smooth::compare(samples, spec.tests, spec.seed);
  outcome.stability = smooth::stability_of(samples);
  outcome.samples = sampling.samples();
  sampling.finish();
  return outcome;
}

}  // namespace heirloom::worker

#include <chrono>
#include <string>

#include <fmt/format.h>

#include "core/base/files.h"
#include "core/data/image_file.h"
#include "core/smooth/count_sampler.h"
#include "core/smooth/kernel.h"
#include "worker/certified_model.h"
#include "worker/process.h"
#include "worker/tasks.h"

namespace heirloom::worker {
namespace {

using base::ErrorKind;
using base::Result;
using certificate::Protocol;

constexpr std::uint64_t kMaxImageFileBytes = std::uint64_t{1} << 28;

struct Images {
  data::Dataset dataset;  // every label is 0
  std::vector<std::string> names;
};

Result<Images> load_images(const jobs::Predict& task, const jobs::ModelSpec& model) {
  Images images;
  images.dataset.shape = model.input;
  images.dataset.classes = model.classes;
  for (const jobs::PredictFile& file : task.files) {
    HEIRLOOM_ASSIGN(const std::string bytes,
                    base::read_verified(file.file.path, kMaxImageFileBytes, file.file.sha256));
    HEIRLOOM_ASSIGN(
        data::NamedImages read,
        data::read_image_file({file.name, bytes}, {file.first, file.count}, model.input));
    images.names.insert(images.names.end(), read.names.begin(), read.names.end());
    if (images.names.size() > jobs::kMaxPredictedImages) {
      return base::fail(
          ErrorKind::usage,
          fmt::format("more than {} images, with those of {}", jobs::kMaxPredictedImages,
                      file.name),
          fmt::format("choose from it: {}#0-{}", file.name, jobs::kMaxPredictedImages - 1));
    }
    images.dataset.pixels.insert(images.dataset.pixels.end(), read.pixels.begin(),
                                 read.pixels.end());
  }
  images.dataset.labels.assign(images.names.size(), 0);
  return images;
}

// CERTIFY in exact mode, with the images in place of a holdout.
Result<Protocol> protocol_of(const jobs::Predict& task, const jobs::ModelSpec& model,
                             const data::Dataset& images,
                             const std::vector<std::uint32_t>& examples) {
  if (const std::string own = smooth::kernel(); task.kernel != own) {
    return base::fail(
        ErrorKind::conflict,
        fmt::format("the model was certified under kernel \"{}\", but this worker has "
                    "\"{}\"",
                    task.kernel, own),
        "what it computes here is another classifier: train a version under this one");
  }
  Protocol protocol;
  protocol.n0 = task.n0;
  protocol.n = task.n;
  protocol.alpha = task.alpha;
  protocol.sigma = model.sigma;
  protocol.grid = task.grid;
  protocol.kernel = task.kernel;
  protocol.forward_batch = task.forward_batch;
  protocol.holdout_id = data::part_digest(data::example_digests(images));
  protocol.examples = certificate::example_list_digest(examples);
  HEIRLOOM_TRY(certificate::check_protocol(protocol, model.classes));
  return protocol;
}

// The sampler's selection and estimation streams hang on a secret. This one can be that of no
// certification, whatever key it is made from.
smooth::NoiseContext noise_of(const jobs::Predict& task, const Protocol& protocol) {
  smooth::NoiseContext noise{.secret = task.noise_key,
                             .classifier_id = task.classifier_id,
                             .holdout_id = protocol.holdout_id,
                             .sigma = base::Sigma(protocol.sigma)};
  noise.secret = smooth::noise_seed(noise, smooth::Purpose::predict, protocol.holdout_id, 0);
  return noise;
}

smooth::CountHooks hooks_for(const std::vector<std::string>& names, std::int64_t total,
                             TaskContext& context, jobs::Predicted& outcome) {
  smooth::CountHooks hooks;
  hooks.on_example = [&](const certificate::ExampleCounts& row) -> Result<smooth::Next> {
    outcome.images.push_back({names[row.index], row.select, row.estimate});
    return smooth::Next::go_on;
  };
  hooks.on_samples = [&, total, start = std::chrono::steady_clock::now(),
                      samples = 0.0](std::uint64_t count) mutable {
    samples += static_cast<double>(count);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    context.events.progress(static_cast<std::int64_t>(outcome.images.size()), total,
                            time.count() > 0.0 ? samples / time.count() : 0.0, 0.0);
  };
  hooks.should_stop = [] { return stop_requested(); };
  return hooks;
}

}  // namespace

Result<jobs::Outcome> run_task(const jobs::Predict& spec, TaskContext& context) {
  const jobs::Job& job = context.job;
  HEIRLOOM_ASSIGN(const Images images, load_images(spec, job.model));
  std::vector<std::uint32_t> examples;
  for (std::uint32_t i = 0; i < images.names.size(); ++i) examples.push_back(i);
  HEIRLOOM_ASSIGN(const Protocol protocol, protocol_of(spec, job.model, images.dataset, examples));
  HEIRLOOM_ASSIGN(const std::string model, load_artifact(spec.model));
  const auto total = static_cast<std::int64_t>(examples.size());
  context.events.started(0, total);
  const smooth::CountTask task{.model = model,
                               .origin = spec.model.path,
                               .holdout = &images.dataset,
                               .examples = examples,
                               .noise = noise_of(spec, protocol),
                               .protocol = &protocol,
                               .threads = job.threads};
  jobs::Predicted outcome;
  HEIRLOOM_TRY(smooth::sample_counts(task, hooks_for(images.names, total, context, outcome)));
  context.events.finished(total, total);
  return outcome;
}

}  // namespace heirloom::worker

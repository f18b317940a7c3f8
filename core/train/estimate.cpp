#include "core/train/estimate.h"

#include <chrono>
#include <memory>
#include <numeric>
#include <vector>

#include "core/arch/runtime.h"
#include "core/base/philox.h"
#include "core/train/batch.h"
#include "core/train/session.h"

namespace heirloom::train {
namespace {

constexpr std::int64_t kUntimedSteps = 2;

// One batch of random pixels; time does not depend on what they show.
data::Dataset random_images(const jobs::ModelSpec& model, std::int64_t count) {
  base::PhiloxWords words(base::sha256("heirloom/estimate/v1"));
  data::Dataset dataset{.shape = model.input, .classes = model.classes, .pixels = {}, .labels = {}};
  dataset.pixels.resize(static_cast<std::size_t>(count * model.input.numel()));
  dataset.labels.resize(static_cast<std::size_t>(count));
  for (auto& pixel : dataset.pixels) pixel = static_cast<std::uint8_t>(words.below(256));
  for (auto& label : dataset.labels) {
    label = static_cast<std::uint16_t>(words.below(static_cast<std::uint32_t>(model.classes)));
  }
  return dataset;
}

base::Result<void> check(const EstimateTask& estimate) {
  const jobs::ModelSpec& model = estimate.model;
  if (estimate.steps < 1 || estimate.threads < 1 || estimate.settings.batch < 1 ||
      model.input.numel() < 1 || model.classes < 2) {
    return base::fail(base::ErrorKind::usage,
                      "steps, threads, batch, input and classes must be positive");
  }
  return {};
}

}  // namespace

base::Result<double> estimate_images_per_second(const EstimateTask& estimate) {
  const jobs::ModelSpec& model = estimate.model;
  HEIRLOOM_TRY(check(estimate));
  arch::keep_freed_memory();
  arch::use_threads(estimate.threads);
  const data::Dataset dataset = random_images(model, estimate.settings.batch);
  SessionTask task{.model = model,
                   .arch = estimate.arch,
                   .file = {},
                   .method = estimate.method,
                   .settings = estimate.settings,
                   .seed = 1,
                   .dataset = &dataset,
                   .teacher = estimate.teacher};
  // One step an epoch.
  task.settings.epochs = static_cast<int>(kUntimedSteps + estimate.steps);
  HEIRLOOM_ASSIGN(const std::unique_ptr<Session> session, Session::create(task));
  for (std::int64_t i = 0; i < kUntimedSteps; ++i) HEIRLOOM_TRY(session->advance());
  const auto start = std::chrono::steady_clock::now();
  std::int64_t images = 0;
  while (!session->finished()) {
    HEIRLOOM_ASSIGN(const std::int64_t used, session->advance());
    images += used;
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return static_cast<double>(images) / elapsed.count();
}

base::Result<double> estimate_batch_seconds(const EstimateTask& estimate) {
  HEIRLOOM_TRY(check(estimate));
  arch::keep_freed_memory();
  arch::use_threads(estimate.threads);
  const auto count = static_cast<std::size_t>(estimate.settings.batch);
  const data::Dataset dataset = random_images(estimate.model, estimate.settings.batch);
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0U);
  const auto prepare = [&](std::int64_t step) {
    const StepRandomness randomness(1, step, base::Sigma(estimate.model.sigma));
    const Batch batch =
        make_batch(dataset, indices, randomness.placements(estimate.settings.augment, count));
    return (batch.images + randomness.noise(batch, 1)).size(0);
  };
  std::int64_t images = 0;
  for (std::int64_t i = 0; i < kUntimedSteps; ++i) images += prepare(i);
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < estimate.steps; ++i) images += prepare(kUntimedSteps + i);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  if (images != (kUntimedSteps + estimate.steps) * estimate.settings.batch) {
    return base::fail(base::ErrorKind::internal, "batches of another size");
  }
  return elapsed.count() / static_cast<double>(estimate.steps);
}

}  // namespace heirloom::train

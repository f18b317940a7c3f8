#include "core/train/batch.h"

#include <array>
#include <vector>

#include "core/base/normal_stream.h"
#include "core/base/philox.h"
#include "core/smooth/noisy_input.h"

namespace heirloom::train {
namespace {

constexpr std::int64_t kRowsAtOnce = 16;

// Channels-last strides written out: for one channel LibTorch would leave them ambiguous.
torch::Tensor empty_images(std::int64_t rows, const jobs::InputShape& shape) {
  return torch::empty_strided({rows, shape.channels, shape.height, shape.width},
                              {shape.numel(), 1, shape.width * shape.channels, shape.channels});
}

const std::array<float, 256>& pixel_table() {
  static const std::array<float, 256> table = [] {
    std::array<float, 256> values{};
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = smooth::pixel_value(static_cast<std::uint8_t>(i));
    }
    return values;
  }();
  return table;
}

}  // namespace

Batch make_batch(const data::Dataset& dataset, std::span<const std::uint32_t> indices,
                 std::span<const Placement> placements) {
  const auto rows = static_cast<std::int64_t>(indices.size());
  Batch batch{empty_images(rows, dataset.shape), torch::empty({rows}, torch::kInt64)};
  float* images = batch.images.data_ptr<float>();
  auto* labels = batch.labels.data_ptr<std::int64_t>();
  const std::array<float, 256>& values = pixel_table();
  at::parallel_for(0, rows, kRowsAtOnce, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t r = first; r < last; ++r) {
      const auto row = static_cast<std::size_t>(r);
      place(dataset.image(indices[row]), dataset.shape,
            placements.empty() ? Placement{} : placements[row], values,
            images + r * dataset.shape.numel());
      labels[r] = dataset.labels[indices[row]];
    }
  });
  return {batch.images.to(arch::device()), batch.labels.to(arch::device())};
}

StepRandomness::StepRandomness(std::uint64_t seed, std::int64_t step, base::Sigma sigma)
    : seed_(seed), step_(step), sigma_(sigma) {}

base::Digest StepRandomness::stream_seed(std::string_view purpose) const {
  base::FieldEncoder fields;
  fields.text("heirloom/train-randomness/v1")
      .text(purpose)
      .integer(static_cast<std::int64_t>(seed_))
      .integer(step_);
  return fields.sha256();
}

torch::Tensor StepRandomness::noise(std::int64_t rows, const jobs::InputShape& shape) const {
  torch::Tensor out = empty_images(rows, shape);
  const base::NormalStream stream(stream_seed("noise"));
  float* values = out.data_ptr<float>();
  const auto numel = static_cast<std::size_t>(shape.numel());
  at::parallel_for(0, rows, kRowsAtOnce, [&](std::int64_t first, std::int64_t last) {
    std::vector<float> scratch(numel);
    for (std::int64_t r = first; r < last; ++r) {
      smooth::noise_only(shape, sigma_, stream, static_cast<std::uint32_t>(r), scratch,
                         {values + static_cast<std::size_t>(r) * numel, numel});
    }
  });
  return out.to(arch::device());
}

torch::Tensor StepRandomness::noise(const Batch& batch, std::int64_t draws) const {
  const torch::Tensor& x = batch.images;
  return noise(x.size(0) * draws, {x.size(1), x.size(2), x.size(3)});
}

torch::Tensor StepRandomness::uniform(std::int64_t count) const {
  torch::Tensor out = torch::empty({count});
  base::PhiloxWords words(stream_seed("uniform"));
  float* values = out.data_ptr<float>();
  for (std::int64_t i = 0; i < count; ++i) values[i] = words.unit();
  return out.to(arch::device());
}

std::vector<Placement> StepRandomness::placements(jobs::Augment augment, std::size_t count) const {
  base::PhiloxWords words(stream_seed("augment"));
  return draw_placements(augment, count, words);
}

}  // namespace heirloom::train

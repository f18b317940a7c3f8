#include "core/train/batch.h"

#include <vector>

#include "core/base/normal_stream.h"
#include "core/base/philox.h"
#include "core/smooth/noisy_input.h"

namespace heirloom::train {
namespace {

// Channels-last strides written out: for one channel LibTorch would leave them ambiguous.
torch::Tensor empty_images(std::int64_t rows, const jobs::InputShape& shape) {
  return torch::empty_strided({rows, shape.channels, shape.height, shape.width},
                              {shape.numel(), 1, shape.width * shape.channels, shape.channels});
}

}  // namespace

Batch make_batch(const data::Dataset& dataset, std::span<const std::uint32_t> indices) {
  const auto rows = static_cast<std::int64_t>(indices.size());
  Batch batch{empty_images(rows, dataset.shape), torch::empty({rows}, torch::kInt64)};
  float* out = batch.images.data_ptr<float>();
  auto* labels = batch.labels.data_ptr<std::int64_t>();
  const auto channels = static_cast<std::size_t>(dataset.shape.channels);
  const auto area = static_cast<std::size_t>(dataset.shape.height * dataset.shape.width);
  for (const std::uint32_t index : indices) {
    const std::span<const std::uint8_t> image = dataset.image(index);
    for (std::size_t i = 0; i < area; ++i) {
      for (std::size_t c = 0; c < channels; ++c) {
        *out++ = smooth::pixel_value(image[c * area + i]);
      }
    }
    *labels++ = dataset.labels[index];
  }
  return batch;
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
  at::parallel_for(0, rows, 16, [&](std::int64_t first, std::int64_t last) {
    std::vector<float> scratch(numel);
    for (std::int64_t r = first; r < last; ++r) {
      smooth::noise_only(shape, sigma_, stream, static_cast<std::uint32_t>(r), scratch,
                         {values + static_cast<std::size_t>(r) * numel, numel});
    }
  });
  return out;
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
  return out;
}

}  // namespace heirloom::train

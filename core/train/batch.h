// The examples and the randomness of one optimiser step, as tensors.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/arch/libtorch.h"
#include "core/base/strong.h"
#include "core/data/dataset.h"
#include "core/train/augment.h"

namespace heirloom::train {

struct Batch {
  torch::Tensor images;  // float32 [B, C, H, W] in [0, 1], channels-last
  torch::Tensor labels;  // int64 [B]
};

// `placements` has one for each index, or is empty: the images as they are.
Batch make_batch(const data::Dataset& dataset, std::span<const std::uint32_t> indices,
                 std::span<const Placement> placements = {});

// Both, and what StepRandomness draws, lie on arch::device().

// Everything random in one step: a function of (seed, step) alone.
class StepRandomness {
 public:
  StepRandomness(std::uint64_t seed, std::int64_t step, base::Sigma sigma);

  // sigma * N(0, 1), float32 [rows, C, H, W], channels-last. Row r is sample r of the step's
  // stream: rows of later calls repeat those of earlier ones, so a method calls it once.
  torch::Tensor noise(std::int64_t rows, const jobs::InputShape& shape) const;
  // The same for `draws` draws of each image of a batch, draw by draw.
  torch::Tensor noise(const Batch& batch, std::int64_t draws) const;
  // Uniform on [0, 1), float32 [count], from a stream of its own.
  torch::Tensor uniform(std::int64_t count) const;
  // How each image of the step's batch is moved, from a stream of its own; empty for Augment::none.
  std::vector<Placement> placements(jobs::Augment augment, std::size_t count) const;

 private:
  base::Digest stream_seed(std::string_view purpose) const;

  std::uint64_t seed_;
  std::int64_t step_;
  base::Sigma sigma_;
};

}  // namespace heirloom::train

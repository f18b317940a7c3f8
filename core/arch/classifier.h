// A network as it is trained: float32 [N, C, H, W] in [0, 1] -> float32 logits [N, K].
#pragma once

#include <memory>

#include "core/arch/libtorch.h"

namespace heirloom::arch {

// Not thread-safe: forward in training mode changes batch statistics.
class Classifier : public torch::nn::Module {
 public:
  virtual torch::Tensor forward(torch::Tensor x) = 0;

  // A copy in the form that is exported and certified: evaluation mode, no gradients, batch
  // normalisation folded into the convolutions (w' = w g / sqrt(v + eps), b' = b - m g / sqrt(v +
  // eps)). Its logits are those of this network in evaluation mode up to rounding; what is
  // certified is the artifact, so the rounding is part of it.
  virtual std::shared_ptr<Classifier> deployed() const = 0;
};

// Sets every parameter and buffer of `to` to the value of the same name in `from`.
void copy_state(const torch::nn::Module& from, torch::nn::Module& to);

// Puts the 4-dimensional parameters into channels-last order, which the convolutions here run
// about twice as fast on. Values do not change.
void use_channels_last(const torch::nn::Module& network);

}  // namespace heirloom::arch

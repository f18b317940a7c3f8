// A network as it is trained: float32 [N, C, H, W] in [0, 1] -> float32 logits [N, K].
#pragma once

#include <memory>

#include "core/arch/libtorch.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

// Not thread-safe: forward in training mode changes batch statistics.
class Classifier : public torch::nn::Module {
 public:
  virtual torch::Tensor forward(torch::Tensor x) = 0;

  // Whether its parameters may be in channels-last order.
  virtual bool channels_last() const { return true; }

  // A copy in the form that is exported and certified: evaluation mode, no gradients, batch
  // normalisation folded into the convolutions (w' = w g / sqrt(v + eps), b' = b - m g / sqrt(v +
  // eps)). Its logits are those of this network in evaluation mode up to rounding; what is
  // certified is the artifact, so the rounding is part of it.
  virtual std::shared_ptr<Classifier> deployed() const = 0;

  // The classifier as TorchScript, in evaluation mode and without gradients: `deployed`, traced on
  // the CPU. In bf16, weights and everything between input and logits are bfloat16, and the casts
  // are inside.
  virtual torch::jit::Module script(const jobs::InputShape& shape, jobs::Precision precision) const;
};

// Sets every parameter and buffer of `to` to the value of the same name in `from`.
void copy_state(const torch::nn::Module& from, torch::nn::Module& to);

// Puts the 4-dimensional parameters into channels-last order, which the convolutions here run
// about twice as fast on. Values do not change.
void use_channels_last(const torch::nn::Module& network);

}  // namespace heirloom::arch

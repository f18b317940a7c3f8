// Gradient steps towards what the smoothed classifier gets wrong.
#pragma once

#include <cstdint>
#include <vector>

#include "core/arch/classifier.h"
#include "core/train/batch.h"

namespace heirloom::train {

// Evaluation mode and no gradients for the weights, for as long as it lives: an attack neither
// moves batch statistics nor pays for gradients that nobody uses.
class FrozenNetwork {
 public:
  explicit FrozenNetwork(arch::Classifier& network);
  FrozenNetwork(const FrozenNetwork&) = delete;
  FrozenNetwork& operator=(const FrozenNetwork&) = delete;
  ~FrozenNetwork();

 private:
  arch::Classifier& network_;
  std::vector<torch::Tensor> trained_;  // had gradients before
  bool was_training_;
};

// The gradient of -log G(x)[y] (floored at 1e-20) at x, each image's own: [B, C, H, W]. `noise` is
// [m B, C, H, W]; the network is frozen.
torch::Tensor smoothed_gradient(arch::Classifier& network, const torch::Tensor& x,
                                const torch::Tensor& labels, const torch::Tensor& noise,
                                std::int64_t draws);

// x + length g / (|g|_2 + 1e-8), norms over each row.
torch::Tensor step_along(const torch::Tensor& x, const torch::Tensor& gradient, double length);

// The nearest point to x in the l2 ball of this radius around `centre`, each row for itself.
torch::Tensor project(const torch::Tensor& x, const torch::Tensor& centre, double radius);

}  // namespace heirloom::train

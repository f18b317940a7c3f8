// Stability training (Li et al. 2019). With F = softmax and one noise draw d an image:
//
//   loss = CE(F(x), y) + lambda H(F(x), F(x + d)),  H(p, q) = -sum_k p_k log q_k,
//
// mean over the batch. The gradient flows through both F(x) and F(x + d), as in the published code;
// clean and noisy images are two passes, each with batch statistics of its own.
#pragma once

#include "core/train/method.h"

namespace heirloom::train {

// For a given draw `noise` [B, C, H, W].
StepLoss stability_loss(arch::Classifier& network, const Batch& batch, const torch::Tensor& noise,
                        double label_smoothing, const jobs::StabilityMethod& settings);

class Stability final : public Method {
 public:
  explicit Stability(const jobs::StabilityMethod& settings) : settings_(settings) {}
  StepLoss loss(arch::Classifier& network, const StepContext& step) override;

 private:
  jobs::StabilityMethod settings_;
};

}  // namespace heirloom::train

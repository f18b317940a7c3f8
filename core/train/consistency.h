// Consistency regularisation (Jeong and Shin 2020, equation 9). With m noise draws d_i an image,
// F_i = softmax z(x + d_i) and G = mean_i F_i:
//
//   loss = mean_i CE(F_i, y) + lambda mean_i KL(G || F_i) + eta H(G),  mean over the batch
//
// The gradient also flows through G.
#pragma once

#include "core/train/method.h"

namespace heirloom::train {

// For given draws `noise` [m B, C, H, W].
StepLoss consistency_loss(arch::Classifier& network, const Batch& batch, const torch::Tensor& noise,
                          double label_smoothing, const jobs::ConsistencyMethod& settings);

class Consistency final : public Method {
 public:
  explicit Consistency(const jobs::ConsistencyMethod& settings) : settings_(settings) {}
  StepLoss loss(arch::Classifier& network, const StepContext& step) override;

 private:
  jobs::ConsistencyMethod settings_;
};

}  // namespace heirloom::train

// SmoothAdv (Salman et al. 2019, section 3): adversarial training of the smoothed classifier.
// With m noise draws d_i an image and G(x) = mean_i softmax z(x + d_i):
//
//   adversary  x_0 = x;  x_{t+1} = P(clamp(x_t + (2 epsilon / T) g / (|g|_2 + 1e-8), 0, 1)), T
//              times, g the gradient at x_t of -log max(G(x_t)[y], 1e-20), P the projection to the
//              l2 ball of radius epsilon around x
//   loss       mean_i CE(z(x_T + d_i), y) on the same draws, mean over the batch
//
// epsilon is multiplied by min(1, (epoch + 1) / warm-up epochs). The attack runs in evaluation
// mode.
#pragma once

#include "core/train/method.h"

namespace heirloom::train {

// [B, C, H, W] -> x_T for given draws `noise` [m B, C, H, W]; `epsilon` is already warmed up.
torch::Tensor smoothadv_adversary(arch::Classifier& network, const Batch& batch,
                                  const torch::Tensor& noise, double epsilon,
                                  const jobs::SmoothAdvMethod& settings);

StepLoss smoothadv_loss(arch::Classifier& network, const Batch& batch, const torch::Tensor& noise,
                        double epsilon, double label_smoothing,
                        const jobs::SmoothAdvMethod& settings);

class SmoothAdv final : public Method {
 public:
  explicit SmoothAdv(const jobs::SmoothAdvMethod& settings) : settings_(settings) {}
  StepLoss loss(arch::Classifier& network, const StepContext& step) override;

 private:
  jobs::SmoothAdvMethod settings_;
};

}  // namespace heirloom::train

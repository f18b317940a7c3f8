// SmoothMix (Jeong et al. 2021). With F = softmax, m noise draws d_i an image and G(x) = mean_i
// F(x + d_i):
//
//   adversary  x_0 = x;  x_{t+1} = clamp(x_t + a g / (|g|_2 + 1e-8), 0, 1), g the gradient at x_t
//   of
//              -log max(G(x_t)[y], 1e-20), on the same draws; no ball around x
//   one step   with this option x is from here on x_1, at most a w away from the image
//   mix        lambda ~ U[0, 1/2] an image;  x_mix = (1 - lambda) x + lambda x_T,
//              y_mix = (1 - lambda) G(x) + lambda / K
//   loss       mean_i CE(F(x + d_i), y)
//                + eta w 1[argmax G(x) = y] mean_i KL(y_mix || F(x_mix + d_i)),
//              mean over the batch; w = min(1, (epoch + 1) / warm-up epochs)
//
// Where the paper and its code leave room: all m draws go through the network in one pass and a
// batch is one optimiser step (the code takes m smaller ones); the adversary is found in evaluation
// mode, so it does not move batch statistics; y_mix is not detached, as in the code: the gradient
// also flows through G(x). The gradient of the attack reaches the input alone.
#pragma once

#include "core/train/method.h"

namespace heirloom::train {

// What is random in one step, and how far the warm-up is.
struct SmoothMixDraws {
  torch::Tensor noise;   // [m B, C, H, W]
  torch::Tensor lambda;  // [B]
  double warm = 1.0;     // w
};

// [B, C, H, W] each.
struct SmoothMixAdversary {
  torch::Tensor start;  // x_0; x_1 with the option of one step
  torch::Tensor end;    // x_T
};
SmoothMixAdversary smoothmix_adversary(arch::Classifier& network, const Batch& batch,
                                       const SmoothMixDraws& draws,
                                       const jobs::SmoothMixMethod& settings);

StepLoss smoothmix_loss(arch::Classifier& network, const Batch& batch, const SmoothMixDraws& draws,
                        double label_smoothing, const jobs::SmoothMixMethod& settings);

class SmoothMix final : public Method {
 public:
  explicit SmoothMix(const jobs::SmoothMixMethod& settings) : settings_(settings) {}
  StepLoss loss(arch::Classifier& network, const StepContext& step) override;

 private:
  jobs::SmoothMixMethod settings_;
};

}  // namespace heirloom::train

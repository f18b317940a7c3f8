// SmoothMix (Jeong et al. 2021). With F = softmax, m noise draws d_i
// an image and G(x) = mean_i F(x + d_i):
//
//   adversary  x_0 = x;  x_{t+1} = clamp(x_t + a g / (|g|_2 + 1e-8), 0, 1),  g the gradient at x_t
//   of
//              -log max(G(x_t)[y], 1e-20), on the same draws; no ball around x
//   mix        lambda ~ U[0, 1/2] an image;  x_mix = (1 - lambda) x + lambda x_T,
//              y_mix = (1 - lambda) G(x) + lambda / K
//   loss       mean_i CE(F(x + d_i), y) + eta w 1[argmax G(x) = y] mean_i KL(y_mix || F(x_mix +
//   d_i)),
//              mean over the batch; w = min(1, (epoch + 1) / warm-up epochs)
//
// Where the paper and its code leave room: all m draws go through the network in one pass and a
// batch is one optimiser step (the code takes m smaller ones); the adversary is found in evaluation
// mode, so it does not move batch statistics; y_mix is not detached, as in the code: the gradient
// also flows through G(x). The gradient of the attack reaches the input alone.
#pragma once

#include "core/train/method.h"

namespace heirloom::train {

// [B, C, H, W] -> the adversary x_T. `noise` is [m * B, C, H, W], draw by draw.
torch::Tensor smoothmix_adversary(arch::Classifier& network, const Batch& batch,
                                  const torch::Tensor& noise,
                                  const jobs::SmoothMixMethod& settings);

// The loss for given draws and mixing weights `lambda` [B]; `eta` is already warmed up.
torch::Tensor smoothmix_loss(arch::Classifier& network, const Batch& batch,
                             const torch::Tensor& noise, const torch::Tensor& lambda, double eta,
                             const jobs::SmoothMixMethod& settings);

class SmoothMix final : public Method {
 public:
  explicit SmoothMix(const jobs::SmoothMixMethod& settings) : settings_(settings) {}
  torch::Tensor loss(arch::Classifier& network, const StepContext& step) override;

 private:
  jobs::SmoothMixMethod settings_;
};

}  // namespace heirloom::train

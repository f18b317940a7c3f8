// CAT-RS, confidence-aware training (Jeong et al. 2023). With m noise draws d_i an image, F_i =
// softmax z(x + d_i) and p the share of draws whose largest logit is the label's:
//
//   K      = max(1, Bin(m, p)): how many draws the network is trusted to get right
//   low    = (1 / m) (the sum of the K smallest of CE(F_1, y), ..., CE(F_m, y))
//   attack n_0 = d_i;  n_{t+1} = R(P(n_t + (2 epsilon / T) g / (|g|_2 + 1e-8))), T times, g the
//          gradient at n_t of KL(b || softmax z(x + n_t)) in evaluation mode, P the projection to
//          the ball of radius epsilon around d_i, R back to the mean and root mean square of d_i
//   high   = 1[K = m] max_i KL(b || softmax z(x + n_T,i))
//   loss   = mean over the batch of low + lambda high
//
// In the published code the target b is the prediction of a smoothed classifier that was trained
// with less noise, stored for every image beforehand. There is none here: b is the mean of the F_i,
// without gradient, which is the prediction of the smoothed network itself as far as the step knows
// it. The binomial takes m uniform numbers an image, of which those below p count.
#pragma once

#include "core/train/method.h"

namespace heirloom::train {

// [m B, C, H, W] -> the noise n_T that changes the outputs most; `target` is b, [B, K].
torch::Tensor catrs_noise(arch::Classifier& network, const Batch& batch, const torch::Tensor& noise,
                          const torch::Tensor& target, const jobs::CatRsMethod& settings);

// For given draws `noise` [m B, C, H, W] and `uniform` numbers [m B] on [0, 1).
StepLoss catrs_loss(arch::Classifier& network, const Batch& batch, const torch::Tensor& noise,
                    const torch::Tensor& uniform, double label_smoothing,
                    const jobs::CatRsMethod& settings);

class CatRs final : public Method {
 public:
  explicit CatRs(const jobs::CatRsMethod& settings) : settings_(settings) {}
  StepLoss loss(arch::Classifier& network, const StepContext& step) override;

 private:
  jobs::CatRsMethod settings_;
};

}  // namespace heirloom::train

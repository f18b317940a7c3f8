// MACER (Zhai et al. 2020): maximises the certified radius without attacks. With k noise draws d_i
// an image, G(x) = mean_i softmax z(x + d_i), and p = mean_i softmax(beta z(x + d_i)), p1 >= p2 its
// two largest entries:
//
//   loss = mean over the batch of
//            -log max(G(x)[y], 1e-20) + lambda (sigma / 2) 1[kept] (gamma - gap),
//   gap  = Phi^-1(p1) - Phi^-1(p2)
//
// An image is kept if the class of p1 is y and gap is finite and at most gamma: the radius sigma
// gap / 2 of the others is wrong or large enough. lambda counts as 0 in the deferred epochs.
#pragma once

#include "core/train/method.h"

namespace heirloom::train {

// For given draws `noise` [k B, C, H, W]; `lambda` in place of the settings' own.
StepLoss macer_loss(arch::Classifier& network, const Batch& batch, const torch::Tensor& noise,
                    double sigma, double lambda, double label_smoothing,
                    const jobs::MacerMethod& settings);

class Macer final : public Method {
 public:
  Macer(const jobs::MacerMethod& settings, double sigma) : settings_(settings), sigma_(sigma) {}
  StepLoss loss(arch::Classifier& network, const StepContext& step) override;

 private:
  jobs::MacerMethod settings_;
  double sigma_;
};

}  // namespace heirloom::train

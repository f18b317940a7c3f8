// Cross-entropy on noisy inputs: CE(z(x + d), y), d ~ N(0, sigma^2 I), fresh at each step (Cohen et
// al. 2019, section 3.3).
#pragma once

#include "core/train/method.h"

namespace heirloom::train {

class Gaussian final : public Method {
 public:
  StepLoss loss(arch::Classifier& network, const StepContext& step) override;
};

}  // namespace heirloom::train

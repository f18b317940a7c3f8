// Batch normalisation and ReLU in front of a convolution.
#pragma once

#include <cstdint>

#include "core/arch/fold.h"

namespace heirloom::arch {

// ReLU stands between it and the convolution that follows, and zeros are padded on behind it, so it
// cannot be folded into that one. Deployed it is relu(x * scale + shift) for each channel.
class NormRelu final : public Foldable {
 public:
  NormRelu(std::int64_t channels, Form form);
  torch::Tensor forward(const torch::Tensor& x);
  void fold_from(const Foldable& trained) override;

 private:
  torch::nn::BatchNorm2d norm_{nullptr};
  torch::Tensor scale_;  // [C, 1, 1]; deployed only
  torch::Tensor shift_;
};

}  // namespace heirloom::arch

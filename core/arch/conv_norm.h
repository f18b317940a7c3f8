// A convolution and the batch normalisation of its outputs.
#pragma once

#include <cstdint>

#include "core/arch/fold.h"

namespace heirloom::arch {

// Trained: a convolution without bias, then batch normalisation. Deployed: a convolution with bias.
class ConvNorm final : public Foldable {
 public:
  ConvNorm(torch::nn::Conv2dOptions options, Form form);
  torch::Tensor forward(const torch::Tensor& x);
  void fold_from(const Foldable& trained) override;

 private:
  torch::nn::Conv2d conv_{nullptr};
  torch::nn::BatchNorm2d norm_{nullptr};
};

// 3x3 with a padding of 1, so that a stride of 1 keeps the sides; and 1x1.
torch::nn::Conv2dOptions conv3x3(std::int64_t inputs, std::int64_t outputs,
                                 std::int64_t stride = 1);
torch::nn::Conv2dOptions conv1x1(std::int64_t inputs, std::int64_t outputs,
                                 std::int64_t stride = 1);

}  // namespace heirloom::arch

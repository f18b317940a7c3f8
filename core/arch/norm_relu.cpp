#include "core/arch/norm_relu.h"

namespace heirloom::arch {

NormRelu::NormRelu(std::int64_t channels, Form form) {
  if (form == Form::trained) {
    norm_ = register_module("norm", torch::nn::BatchNorm2d(channels));
    return;
  }
  scale_ = register_parameter("scale", torch::ones({channels, 1, 1}));
  shift_ = register_parameter("shift", torch::zeros({channels, 1, 1}));
}

torch::Tensor NormRelu::forward(const torch::Tensor& x) {
  if (!norm_.is_empty()) return norm_(x).relu_();
  return (x * scale_).add_(shift_).relu_();
}

void NormRelu::fold_from(const Foldable& trained) {
  const torch::NoGradGuard no_grad;
  const ChannelMap map(*dynamic_cast<const NormRelu&>(trained).norm_);
  scale_.copy_(map.gain.view({-1, 1, 1}));
  shift_.copy_(map.offset.view({-1, 1, 1}));
}

}  // namespace heirloom::arch

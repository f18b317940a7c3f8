#include "core/arch/conv_norm.h"

namespace heirloom::arch {

ConvNorm::ConvNorm(torch::nn::Conv2dOptions options, Form form) {
  const bool trained = form == Form::trained;
  conv_ = register_module("conv", torch::nn::Conv2d(options.bias(!trained)));
  if (trained) norm_ = register_module("norm", torch::nn::BatchNorm2d(options.out_channels()));
}

torch::Tensor ConvNorm::forward(const torch::Tensor& x) {
  const torch::Tensor y = conv_(x);
  return norm_.is_empty() ? y : norm_(y);
}

void ConvNorm::fold_from(const Foldable& trained) {
  const torch::NoGradGuard no_grad;
  const auto& other = dynamic_cast<const ConvNorm&>(trained);
  const ChannelMap map(*other.norm_);
  conv_->weight.copy_(other.conv_->weight.to(torch::kDouble) * map.gain.view({-1, 1, 1, 1}));
  conv_->bias.copy_(map.offset);
}

torch::nn::Conv2dOptions conv3x3(std::int64_t inputs, std::int64_t outputs, std::int64_t stride) {
  return torch::nn::Conv2dOptions(inputs, outputs, 3).stride(stride).padding(1).bias(false);
}

torch::nn::Conv2dOptions conv1x1(std::int64_t inputs, std::int64_t outputs, std::int64_t stride) {
  return torch::nn::Conv2dOptions(inputs, outputs, 1).stride(stride).bias(false);
}

}  // namespace heirloom::arch

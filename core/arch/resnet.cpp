#include "core/arch/resnet.h"

#include <string>

namespace heirloom::arch {
namespace {

torch::nn::Conv2dOptions conv3x3(std::int64_t inputs, std::int64_t outputs, std::int64_t stride) {
  return torch::nn::Conv2dOptions(inputs, outputs, 3).stride(stride).padding(1);
}

}  // namespace

ConvNorm::ConvNorm(torch::nn::Conv2dOptions options, bool folded) {
  conv_ = register_module("conv", torch::nn::Conv2d(options.bias(folded)));
  if (!folded) norm_ = register_module("norm", torch::nn::BatchNorm2d(options.out_channels()));
}

torch::Tensor ConvNorm::forward(const torch::Tensor& x) {
  const torch::Tensor y = conv_(x);
  return norm_.is_empty() ? y : norm_(y);
}

void ConvNorm::fold_from(const ConvNorm& trained) {
  const torch::NoGradGuard no_grad;
  // In double, so that folding adds one rounding and no more.
  const auto& norm = *trained.norm_;
  const torch::Tensor gain = norm.weight.to(torch::kDouble) /
                             (norm.running_var.to(torch::kDouble) + norm.options.eps()).sqrt();
  const torch::Tensor weight = trained.conv_->weight.to(torch::kDouble);
  conv_->weight.copy_(weight * gain.view({-1, 1, 1, 1}));
  conv_->bias.copy_(norm.bias.to(torch::kDouble) - norm.running_mean.to(torch::kDouble) * gain);
}

ResNet::ResNet(const ResNetConfig& config, bool folded) : config_(config), folded_(folded) {
  const std::int64_t blocks = (config.depth - 2) / 6;
  stem_ = add_unit("stem", conv3x3(config.channels, config.width, 1));
  std::int64_t inputs = config.width;
  for (int stage = 0; stage < 3; ++stage) {
    const std::int64_t planes = config.width << stage;
    for (std::int64_t i = 0; i < blocks; ++i) {
      add_block("stage" + std::to_string(stage + 1) + "_block" + std::to_string(i + 1), inputs,
                planes, stage > 0 && i == 0 ? 2 : 1);
      inputs = planes;
    }
  }
  fc_ = register_module("fc", torch::nn::Linear(inputs, config.classes));
}

std::shared_ptr<ConvNorm> ResNet::add_unit(const std::string& name,
                                           torch::nn::Conv2dOptions options) {
  auto unit = register_module(name, std::make_shared<ConvNorm>(options, folded_));
  units_.push_back(unit);
  return unit;
}

void ResNet::add_block(const std::string& name, std::int64_t inputs, std::int64_t planes,
                       std::int64_t stride) {
  Block block;
  block.first = add_unit(name + "_first", conv3x3(inputs, planes, stride));
  block.second = add_unit(name + "_second", conv3x3(planes, planes, 1));
  if (stride != 1 || inputs != planes) {
    block.shortcut =
        add_unit(name + "_shortcut", torch::nn::Conv2dOptions(inputs, planes, 1).stride(stride));
  }
  blocks_.push_back(std::move(block));
}

torch::Tensor ResNet::forward(torch::Tensor x) {
  x = torch::relu(stem_->forward(x));
  for (const Block& block : blocks_) {
    const torch::Tensor y = block.second->forward(torch::relu(block.first->forward(x)));
    x = torch::relu(y + (block.shortcut ? block.shortcut->forward(x) : x));
  }
  return fc_(x.mean({2, 3}));
}

std::shared_ptr<Classifier> ResNet::deployed() const {
  auto copy = std::make_shared<ResNet>(config_, /*folded=*/true);
  for (std::size_t i = 0; i < units_.size(); ++i) copy->units_[i]->fold_from(*units_[i]);
  copy_state(*fc_, *copy->fc_);
  copy->eval();
  return copy;
}

}  // namespace heirloom::arch

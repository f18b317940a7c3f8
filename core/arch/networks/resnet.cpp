#include "core/arch/networks/resnet.h"

#include <string>

#include "core/arch/builders.h"

namespace heirloom::arch {

ResNet::ResNet(const ResNetConfig& config, Form form) : config_(config) {
  const std::int64_t blocks = (config.depth - 2) / 6;
  stem_ = register_module("stem",
                          std::make_shared<ConvNorm>(conv3x3(config.channels, config.width), form));
  std::int64_t inputs = config.width;
  for (int stage = 0; stage < 3; ++stage) {
    const std::int64_t planes = config.width << stage;
    for (std::int64_t i = 0; i < blocks; ++i) {
      add_block("stage" + std::to_string(stage + 1) + "_block" + std::to_string(i + 1), inputs,
                planes, stage > 0 && i == 0 ? 2 : 1, form);
      inputs = planes;
    }
  }
  fc_ = register_module("fc", torch::nn::Linear(inputs, config.classes));
}

void ResNet::add_block(const std::string& name, std::int64_t inputs, std::int64_t planes,
                       std::int64_t stride, Form form) {
  const auto unit = [&](const char* part, const torch::nn::Conv2dOptions& options) {
    return register_module(name + part, std::make_shared<ConvNorm>(options, form));
  };
  Block block;
  block.first = unit("_first", conv3x3(inputs, planes, stride));
  block.second = unit("_second", conv3x3(planes, planes));
  if (stride != 1 || inputs != planes) {
    block.shortcut = unit("_shortcut", conv1x1(inputs, planes, stride));
  }
  blocks_.push_back(std::move(block));
}

torch::Tensor ResNet::forward(torch::Tensor x) {
  x = stem_->forward(x).relu_();
  for (const Block& block : blocks_) {
    const torch::Tensor y = block.second->forward(block.first->forward(x).relu_());
    x = y.add_(block.shortcut ? block.shortcut->forward(x) : x).relu_();
  }
  return fc_(x.mean({2, 3}));
}

std::shared_ptr<Classifier> ResNet::deployed() const {
  auto copy = std::make_shared<ResNet>(config_, Form::deployed);
  fold_network(*this, *copy);
  copy->eval();
  return copy;
}

Built build_resnet(const BuildRequest& request) {
  return std::make_shared<ResNet>(ResNetConfig{.depth = request.values["depth"],
                                               .width = request.values["width"],
                                               .channels = request.input.channels,
                                               .classes = request.classes});
}

}  // namespace heirloom::arch

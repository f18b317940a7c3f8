#include "core/arch/networks/grouped_network.h"

#include <string>

namespace heirloom::arch {

class GroupedBlock final : public torch::nn::Module {
 public:
  GroupedBlock(std::int64_t inputs, const GroupedStage& stage, std::int64_t stride, Form form) {
    const auto unit = [&](const char* name, const torch::nn::Conv2dOptions& options) {
      return register_module(name, std::make_shared<ConvNorm>(options, form));
    };
    first_ = unit("first", conv1x1(inputs, stage.inner));
    second_ = unit("second", conv3x3(stage.inner, stage.inner, stride).groups(stage.groups));
    third_ = unit("third", conv1x1(stage.inner, stage.outputs));
    if (stride != 1 || inputs != stage.outputs) {
      shortcut_ = unit("shortcut", conv1x1(inputs, stage.outputs, stride));
    }
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor inner = second_->forward(first_->forward(x).relu_()).relu_();
    return third_->forward(inner).add_(shortcut_ ? shortcut_->forward(x) : x).relu_();
  }

 private:
  std::shared_ptr<ConvNorm> first_;
  std::shared_ptr<ConvNorm> second_;
  std::shared_ptr<ConvNorm> third_;
  std::shared_ptr<ConvNorm> shortcut_;  // null where the shape does not change
};

GroupedNetwork::GroupedNetwork(const GroupedConfig& config, Form form) : config_(config) {
  stem_ = register_module("stem",
                          std::make_shared<ConvNorm>(conv3x3(config.channels, config.stem), form));
  std::int64_t inputs = config.stem;
  for (std::size_t i = 0; i < config.stages.size(); ++i) {
    const GroupedStage& stage = config.stages[i];
    for (std::int64_t j = 0; j < stage.blocks; ++j) {
      blocks_.push_back(register_module(
          "stage" + std::to_string(i + 1) + "_block" + std::to_string(j + 1),
          std::make_shared<GroupedBlock>(inputs, stage, j == 0 ? stage.stride : 1, form)));
      inputs = stage.outputs;
    }
  }
  fc_ = register_module("fc", torch::nn::Linear(inputs, config.classes));
}

torch::Tensor GroupedNetwork::forward(torch::Tensor x) {
  x = stem_->forward(x).relu_();
  for (const auto& block : blocks_) x = block->forward(x);
  return fc_(x.mean({2, 3}));
}

std::shared_ptr<Classifier> GroupedNetwork::deployed() const {
  auto copy = std::make_shared<GroupedNetwork>(config_, Form::deployed);
  fold_network(*this, *copy);
  copy->eval();
  return copy;
}

}  // namespace heirloom::arch

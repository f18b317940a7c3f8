#include "core/arch/networks/preact_network.h"

#include <string>

namespace heirloom::arch {
namespace {

constexpr std::int64_t kBottleneckFactor = 4;

}  // namespace

class PreActBlock final : public torch::nn::Module {
 public:
  PreActBlock(std::int64_t inputs, std::int64_t planes, std::int64_t stride, bool bottleneck,
              Form form) {
    const std::int64_t outputs = bottleneck ? kBottleneckFactor * planes : planes;
    norm_ = register_module("norm", std::make_shared<NormRelu>(inputs, form));
    const auto unit = [&](const char* name, const torch::nn::Conv2dOptions& options) {
      units_.push_back(register_module(name, std::make_shared<ConvNorm>(options, form)));
    };
    if (bottleneck) {
      unit("first", conv1x1(inputs, planes));
      unit("second", conv3x3(planes, planes, stride));
    } else {
      unit("first", conv3x3(inputs, planes, stride));
    }
    last_ = register_module("last", torch::nn::Conv2d(bottleneck ? conv1x1(planes, outputs)
                                                                 : conv3x3(planes, outputs)));
    if (stride != 1 || inputs != outputs) {
      shortcut_ = register_module("shortcut", torch::nn::Conv2d(conv1x1(inputs, outputs, stride)));
    }
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor normed = norm_->forward(x);
    torch::Tensor y = normed;
    for (const auto& unit : units_) y = unit->forward(y).relu_();
    return last_(y).add_(shortcut_.is_empty() ? x : shortcut_(normed));
  }

 private:
  std::shared_ptr<NormRelu> norm_;
  std::vector<std::shared_ptr<ConvNorm>> units_;
  torch::nn::Conv2d last_{nullptr};
  torch::nn::Conv2d shortcut_{nullptr};
};

PreActNetwork::PreActNetwork(const PreActConfig& config, Form form) : config_(config) {
  stem_ = register_module("stem", torch::nn::Conv2d(conv3x3(config.channels, config.stem)));
  std::int64_t inputs = config.stem;
  for (std::size_t stage = 0; stage < config.planes.size(); ++stage) {
    const std::int64_t planes = config.planes[stage];
    for (std::int64_t i = 0; i < config.blocks; ++i) {
      blocks_.push_back(
          register_module("stage" + std::to_string(stage + 1) + "_block" + std::to_string(i + 1),
                          std::make_shared<PreActBlock>(inputs, planes, stage > 0 && i == 0 ? 2 : 1,
                                                        config.bottleneck, form)));
      inputs = config.bottleneck ? kBottleneckFactor * planes : planes;
    }
  }
  last_ = register_module("norm", std::make_shared<NormRelu>(inputs, form));
  fc_ = register_module("fc", torch::nn::Linear(inputs, config.classes));
}

torch::Tensor PreActNetwork::forward(torch::Tensor x) {
  x = stem_(x);
  for (const auto& block : blocks_) x = block->forward(x);
  return fc_(last_->forward(x).mean({2, 3}));
}

std::shared_ptr<Classifier> PreActNetwork::deployed() const {
  auto copy = std::make_shared<PreActNetwork>(config_, Form::deployed);
  fold_network(*this, *copy);
  copy->eval();
  return copy;
}

}  // namespace heirloom::arch

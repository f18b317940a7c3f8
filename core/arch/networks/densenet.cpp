#include "core/arch/networks/densenet.h"

#include <string>

#include "core/arch/builders.h"
#include "core/arch/conv_norm.h"

namespace heirloom::arch {

class DenseLayer final : public torch::nn::Module {
 public:
  DenseLayer(std::int64_t inputs, std::int64_t growth, Form form) {
    norm_ = register_module("norm", std::make_shared<NormRelu>(inputs, form));
    first_ =
        register_module("first", std::make_shared<ConvNorm>(conv1x1(inputs, 4 * growth), form));
    second_ = register_module("second", torch::nn::Conv2d(conv3x3(4 * growth, growth)));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    return torch::cat({x, second_(first_->forward(norm_->forward(x)).relu_())}, 1);
  }

 private:
  std::shared_ptr<NormRelu> norm_;
  std::shared_ptr<ConvNorm> first_;
  torch::nn::Conv2d second_{nullptr};
};

class DenseTransition final : public torch::nn::Module {
 public:
  DenseTransition(std::int64_t inputs, std::int64_t outputs, Form form) {
    norm_ = register_module("norm", std::make_shared<NormRelu>(inputs, form));
    conv_ = register_module("conv", torch::nn::Conv2d(conv1x1(inputs, outputs)));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    return torch::avg_pool2d(conv_(norm_->forward(x)), 2);
  }

 private:
  std::shared_ptr<NormRelu> norm_;
  torch::nn::Conv2d conv_{nullptr};
};

DenseNet::DenseNet(const DenseNetConfig& config, Form form) : config_(config) {
  std::int64_t width = 2 * config.growth;
  stem_ = register_module("stem", torch::nn::Conv2d(conv3x3(config.channels, width)));
  for (int i = 1; i <= 3; ++i) {
    const std::string name = "block" + std::to_string(i);
    Stage stage;
    for (std::int64_t j = 1; j <= (config.depth - 4) / 6; ++j) {
      stage.layers.push_back(
          register_module(name + "_layer" + std::to_string(j),
                          std::make_shared<DenseLayer>(width, config.growth, form)));
      width += config.growth;
    }
    if (i < 3) {
      stage.transition = register_module(name + "_transition",
                                         std::make_shared<DenseTransition>(width, width / 2, form));
      width /= 2;
    }
    stages_.push_back(std::move(stage));
  }
  norm_ = register_module("norm", std::make_shared<NormRelu>(width, form));
  fc_ = register_module("fc", torch::nn::Linear(width, config.classes));
}

torch::Tensor DenseNet::forward(torch::Tensor x) {
  x = stem_(x);
  for (const Stage& stage : stages_) {
    for (const auto& layer : stage.layers) x = layer->forward(x);
    if (stage.transition) x = stage.transition->forward(x);
  }
  return fc_(norm_->forward(x).mean({2, 3}));
}

std::shared_ptr<Classifier> DenseNet::deployed() const {
  auto copy = std::make_shared<DenseNet>(config_, Form::deployed);
  fold_network(*this, *copy);
  copy->eval();
  return copy;
}

Built build_densenet(const BuildRequest& request) {
  HEIRLOOM_TRY(check_smallest_side(request, "densenet", 8));
  return std::make_shared<DenseNet>(DenseNetConfig{.depth = request.values["depth"],
                                                   .growth = request.values["growth"],
                                                   .channels = request.input.channels,
                                                   .classes = request.classes});
}

}  // namespace heirloom::arch

#include "core/arch/networks/dla.h"

#include <array>
#include <string>

#include "core/arch/builders.h"

namespace heirloom::arch {
namespace {

constexpr std::array<int, 4> kHeights{1, 2, 2, 1};

class BasicBlock final : public torch::nn::Module {
 public:
  BasicBlock(std::int64_t inputs, std::int64_t outputs, std::int64_t stride, Form form) {
    const auto unit = [&](const char* name, const torch::nn::Conv2dOptions& options) {
      return register_module(name, std::make_shared<ConvNorm>(options, form));
    };
    first_ = unit("first", conv3x3(inputs, outputs, stride));
    second_ = unit("second", conv3x3(outputs, outputs));
    if (stride != 1 || inputs != outputs)
      shortcut_ = unit("shortcut", conv1x1(inputs, outputs, stride));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor y = second_->forward(first_->forward(x).relu_());
    return (y + (shortcut_ ? shortcut_->forward(x) : x)).relu_();
  }

 private:
  std::shared_ptr<ConvNorm> first_;
  std::shared_ptr<ConvNorm> second_;
  std::shared_ptr<ConvNorm> shortcut_;  // null where the shape does not change
};

}  // namespace

class DlaTree final : public torch::nn::Module {
 public:
  struct Config {
    int height = 1;
    std::int64_t inputs = 0;
    std::int64_t outputs = 0;
    std::int64_t stride = 1;
    bool joins_input = false;
  };

  DlaTree(const Config& config, Form form) : config_(config) {
    std::int64_t inputs = config.inputs;
    std::int64_t stride = config.stride;
    for (int height = config.height - 1; height >= 1; --height) {
      const Config inner{height, inputs, config.outputs, stride, false};
      subtrees_.push_back(
          register_module("tree" + std::to_string(height), std::make_shared<DlaTree>(inner, form)));
      inputs = config.outputs;
      stride = 1;
    }
    left_ =
        register_module("left", std::make_shared<BasicBlock>(inputs, config.outputs, stride, form));
    right_ = register_module("right",
                             std::make_shared<BasicBlock>(config.outputs, config.outputs, 1, form));
    const std::int64_t joined =
        (config.height + 1) * config.outputs + (config.joins_input ? config.inputs : 0);
    root_ =
        register_module("root", std::make_shared<ConvNorm>(conv1x1(joined, config.outputs), form));
  }

  torch::Tensor forward(torch::Tensor x) {
    std::vector<torch::Tensor> joined;
    if (config_.joins_input) joined.push_back(halved(x));
    for (const auto& tree : subtrees_) joined.push_back(x = tree->forward(x));
    joined.push_back(x = left_->forward(x));
    joined.push_back(right_->forward(x));
    return root_->forward(torch::cat(joined, 1)).relu_();
  }

 private:
  // The sides of what a convolution with this stride gives.
  torch::Tensor halved(const torch::Tensor& x) const {
    if (config_.stride == 1) return x;
    return torch::max_pool2d(x, 2, /*stride=*/2, /*padding=*/0, /*dilation=*/1, /*ceil_mode=*/true);
  }

  Config config_;
  std::vector<std::shared_ptr<DlaTree>> subtrees_;
  std::shared_ptr<BasicBlock> left_;
  std::shared_ptr<BasicBlock> right_;
  std::shared_ptr<ConvNorm> root_;
};

Dla::Dla(const DlaConfig& config, Form form) : config_(config) {
  const std::int64_t width = config.width;
  first_ =
      register_module("first", std::make_shared<ConvNorm>(conv3x3(config.channels, width), form));
  second_ = register_module("second", std::make_shared<ConvNorm>(conv3x3(width, 2 * width), form));
  std::int64_t inputs = 2 * width;
  for (std::size_t i = 0; i < kHeights.size(); ++i) {
    const bool first = i == 0;
    trees_.push_back(
        register_module("tree" + std::to_string(i + 1),
                        std::make_shared<DlaTree>(DlaTree::Config{.height = kHeights[i],
                                                                  .inputs = inputs,
                                                                  .outputs = 2 * inputs,
                                                                  .stride = first ? 1 : 2,
                                                                  .joins_input = !first},
                                                  form)));
    inputs *= 2;
  }
  fc_ = register_module("fc", torch::nn::Linear(inputs, config.classes));
}

torch::Tensor Dla::forward(torch::Tensor x) {
  x = second_->forward(first_->forward(x).relu_()).relu_();
  for (const auto& tree : trees_) x = tree->forward(x);
  return fc_(x.mean({2, 3}));
}

std::shared_ptr<Classifier> Dla::deployed() const {
  auto copy = std::make_shared<Dla>(config_, Form::deployed);
  fold_network(*this, *copy);
  copy->eval();
  return copy;
}

Built build_dla(const BuildRequest& request) {
  HEIRLOOM_TRY(check_smallest_side(request, "dla", 16));
  return std::make_shared<Dla>(DlaConfig{.width = request.values["width"],
                                         .channels = request.input.channels,
                                         .classes = request.classes});
}

}  // namespace heirloom::arch

// CIFAR-style residual network of depth 6n + 2 (He et al. 2016, section 4.2): a 3x3 convolution,
// three stages of n basic blocks with w, 2w, 4w channels (the latter two halve the side), mean over
// the pixels, one fully connected layer. Shortcuts that change shape are 1x1 convolutions.
#pragma once

#include <cstdint>
#include <vector>

#include "core/arch/classifier.h"

namespace heirloom::arch {

struct ResNetConfig {
  std::int64_t depth = 20;  // 6n + 2, n >= 1
  std::int64_t width = 16;  // w
  std::int64_t channels = 3;
  std::int64_t classes = 10;
};

// A convolution without bias and its batch normalisation; when folded, a convolution with bias.
class ConvNorm final : public torch::nn::Module {
 public:
  ConvNorm(torch::nn::Conv2dOptions options, bool folded);
  torch::Tensor forward(const torch::Tensor& x);
  // Takes over the function that `trained`, which is not folded, computes in evaluation mode.
  void fold_from(const ConvNorm& trained);

 private:
  torch::nn::Conv2d conv_{nullptr};
  torch::nn::BatchNorm2d norm_{nullptr};
};

class ResNet final : public Classifier {
 public:
  explicit ResNet(const ResNetConfig& config, bool folded = false);

  torch::Tensor forward(torch::Tensor x) override;
  std::shared_ptr<Classifier> deployed() const override;

 private:
  struct Block {
    std::shared_ptr<ConvNorm> first;
    std::shared_ptr<ConvNorm> second;
    std::shared_ptr<ConvNorm> shortcut;  // null where the shape does not change
  };

  std::shared_ptr<ConvNorm> add_unit(const std::string& name, torch::nn::Conv2dOptions options);
  void add_block(const std::string& name, std::int64_t inputs, std::int64_t planes,
                 std::int64_t stride);

  ResNetConfig config_;
  bool folded_;
  std::vector<std::shared_ptr<ConvNorm>> units_;  // every ConvNorm, in the order of construction
  std::shared_ptr<ConvNorm> stem_;
  std::vector<Block> blocks_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace heirloom::arch

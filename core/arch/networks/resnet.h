// CIFAR-style residual network of depth 6n + 2 (He et al. 2016, "Deep residual learning for image
// recognition", section 4.2): a 3x3 convolution, three stages of n basic blocks with w, 2w, 4w
// channels (the latter two halve the side), mean over the pixels, one fully connected layer.
// Shortcuts that change shape are 1x1 convolutions, as the paper has them for ImageNet (option B).
#pragma once

#include <cstdint>
#include <vector>

#include "core/arch/classifier.h"
#include "core/arch/conv_norm.h"

namespace heirloom::arch {

struct ResNetConfig {
  std::int64_t depth = 20;  // 6n + 2, n >= 1
  std::int64_t width = 16;  // w
  std::int64_t channels = 3;
  std::int64_t classes = 10;
};

class ResNet final : public Classifier {
 public:
  explicit ResNet(const ResNetConfig& config, Form form = Form::trained);

  torch::Tensor forward(torch::Tensor x) override;
  std::shared_ptr<Classifier> deployed() const override;

 private:
  struct Block {
    std::shared_ptr<ConvNorm> first;
    std::shared_ptr<ConvNorm> second;
    std::shared_ptr<ConvNorm> shortcut;  // null where the shape does not change
  };

  void add_block(const std::string& name, std::int64_t inputs, std::int64_t planes,
                 std::int64_t stride, Form form);

  ResNetConfig config_;
  std::shared_ptr<ConvNorm> stem_;
  std::vector<Block> blocks_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace heirloom::arch

// What the pre-activation ResNet and the wide residual network share (He et al. 2016, "Identity
// mappings in deep residual networks", figure 1b): a 3x3 convolution, stages of blocks in which
// batch normalisation and ReLU precede each convolution, one more of both, mean over the pixels,
// one fully connected layer. A block that changes the shape has a 1x1 convolution as its shortcut,
// which takes the normalised input.
//
// Deployed, the normalisation between two convolutions of a block is folded into the first; that in
// front of a block, behind the sum, stays as one factor and one term for each channel.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/arch/classifier.h"
#include "core/arch/conv_norm.h"
#include "core/arch/norm_relu.h"

namespace heirloom::arch {

struct PreActConfig {
  std::int64_t channels = 3;
  std::int64_t classes = 10;
  std::int64_t stem = 16;
  std::int64_t blocks = 3;               // of each stage
  std::array<std::int64_t, 3> planes{};  // of the 3x3 convolutions of each stage
  bool bottleneck = false;               // 1x1, 3x3 and 1x1 with four times the outputs
};

class PreActBlock;

class PreActNetwork final : public Classifier {
 public:
  explicit PreActNetwork(const PreActConfig& config, Form form = Form::trained);

  torch::Tensor forward(torch::Tensor x) override;
  std::shared_ptr<Classifier> deployed() const override;

 private:
  PreActConfig config_;
  torch::nn::Conv2d stem_{nullptr};
  std::vector<std::shared_ptr<PreActBlock>> blocks_;
  std::shared_ptr<NormRelu> last_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace heirloom::arch

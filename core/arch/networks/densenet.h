// DenseNet-BC (Huang et al. 2017, "Densely connected convolutional networks", section 3): a 3x3
// convolution to 2k channels, three dense blocks of n layers (depth 6n + 4), between them a 1x1
// convolution to half the channels and an average pool of 2, then mean over the pixels and one
// fully connected layer. A layer adds k channels to those before it, by a 1x1 convolution to 4k and
// a 3x3 one. Batch normalisation and ReLU precede every convolution but the first.
//
// Deployed, the normalisation inside a layer is folded into its 1x1 convolution; that in front of a
// layer, behind the concatenation, stays as one factor and one term for each channel.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/arch/classifier.h"
#include "core/arch/norm_relu.h"

namespace heirloom::arch {

struct DenseNetConfig {
  std::int64_t depth = 40;   // 6n + 4
  std::int64_t growth = 12;  // k
  std::int64_t channels = 3;
  std::int64_t classes = 10;
};

class DenseLayer;
class DenseTransition;

class DenseNet final : public Classifier {
 public:
  explicit DenseNet(const DenseNetConfig& config, Form form = Form::trained);

  torch::Tensor forward(torch::Tensor x) override;
  std::shared_ptr<Classifier> deployed() const override;

 private:
  struct Stage {
    std::vector<std::shared_ptr<DenseLayer>> layers;
    std::shared_ptr<DenseTransition> transition;  // null after the last
  };

  DenseNetConfig config_;
  torch::nn::Conv2d stem_{nullptr};
  std::vector<Stage> stages_;
  std::shared_ptr<NormRelu> norm_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace heirloom::arch

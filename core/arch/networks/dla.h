// Deep layer aggregation for small images, after DLA-34 (Yu et al. 2018, "Deep layer aggregation",
// equation 3 and table 1): two 3x3 convolutions with w and 2w channels, then four trees of height
// 1, 2, 2, 1 of basic residual blocks with 4w, 8w, 16w, 32w channels; all trees but the first halve
// the sides. A tree of height n passes its input through trees of height n - 1, ..., 1 and through
// two blocks, and its root joins all their outputs and, but for the first tree, the tree's own
// input: concatenation, 1x1 convolution, batch normalisation, ReLU. Differs: one 3x3 convolution
// less and no halving in front of the trees, and shortcuts that change shape are 1x1 convolutions
// of the block's input. Deployed, every normalisation is folded.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/arch/classifier.h"
#include "core/arch/conv_norm.h"

namespace heirloom::arch {

struct DlaConfig {
  std::int64_t width = 16;  // w
  std::int64_t channels = 3;
  std::int64_t classes = 10;
};

class DlaTree;

class Dla final : public Classifier {
 public:
  explicit Dla(const DlaConfig& config, Form form = Form::trained);

  torch::Tensor forward(torch::Tensor x) override;
  std::shared_ptr<Classifier> deployed() const override;

 private:
  DlaConfig config_;
  std::shared_ptr<ConvNorm> first_;
  std::shared_ptr<ConvNorm> second_;
  std::vector<std::shared_ptr<DlaTree>> trees_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace heirloom::arch

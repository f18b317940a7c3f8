// Small vision transformer (Dosovitskiy et al. 2021, "An image is worth 16x16 words", section 3.1):
// patches to tokens by one linear map, learned positions, d blocks of multi-head attention and of a
// perceptron with four times the width and GELU, each behind a layer normalisation and beside a
// shortcut, one more layer normalisation, one fully connected layer. Differs: the mean over the
// tokens is classified in place of a class token (as the paper's appendix D.3 tries). Layer
// normalisation depends on the input, so that nothing can be folded: deployed it is the same.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/arch/classifier.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

struct VitConfig {
  jobs::InputShape input;
  std::int64_t patch = 4;  // divides height and width
  std::int64_t width = 128;
  std::int64_t depth = 6;  // d
  std::int64_t heads = 4;  // divides width
  std::int64_t classes = 10;
};

class VitBlock;

class Vit final : public Classifier {
 public:
  explicit Vit(const VitConfig& config);

  torch::Tensor forward(torch::Tensor x) override;
  std::shared_ptr<Classifier> deployed() const override;

 private:
  VitConfig config_;
  torch::nn::Conv2d embed_{nullptr};
  torch::Tensor position_;
  std::vector<std::shared_ptr<VitBlock>> blocks_;
  torch::nn::LayerNorm norm_{nullptr};
  torch::nn::Linear fc_{nullptr};
};

}  // namespace heirloom::arch

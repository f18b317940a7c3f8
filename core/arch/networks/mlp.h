// Fully connected layers with ReLU on the pixels: the network of Simard et al. (2003, "Best
// practices for convolutional neural networks applied to visual document analysis", section 4) with
// one hidden layer of 800, deeper by choice. Differs: ReLU and plain initialisation.
#pragma once

#include <cstdint>
#include <vector>

#include "core/arch/classifier.h"

namespace heirloom::arch {

struct MlpConfig {
  std::int64_t inputs = 0;
  std::int64_t depth = 2;  // hidden layers
  std::int64_t width = 512;
  std::int64_t classes = 10;
};

class Mlp final : public Classifier {
 public:
  explicit Mlp(const MlpConfig& config);

  torch::Tensor forward(torch::Tensor x) override;
  std::shared_ptr<Classifier> deployed() const override;

 private:
  MlpConfig config_;
  std::vector<torch::nn::Linear> hidden_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace heirloom::arch

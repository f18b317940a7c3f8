// LeNet as in the SmoothMix tables: conv 5x5 to 20, ReLU, max-pool 2, conv 5x5 to 50, ReLU,
// max-pool 2, fully connected to 500, ReLU, fully connected to K. No padding, no input
// normalisation (the network of the SmoothMix tables). 431,080 parameters for 1x28x28 and 10
// classes.
#pragma once

#include <cstdint>

#include "core/arch/classifier.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

inline constexpr std::int64_t kLeNetMinimumSide = 16;  // leaves one pixel after both pools

class LeNet final : public Classifier {
 public:
  // Height and width are at least kLeNetMinimumSide.
  LeNet(const jobs::InputShape& shape, std::int64_t classes);

  torch::Tensor forward(torch::Tensor x) override;
  std::shared_ptr<Classifier> deployed() const override;

  // The same function without gradients, by the faster code that is not for export.
  torch::Tensor infer(torch::Tensor x);

 private:
  jobs::InputShape shape_;
  std::int64_t classes_;
  torch::nn::Conv2d conv1_{nullptr};
  torch::nn::Conv2d conv2_{nullptr};
  torch::nn::Linear fc1_{nullptr};
  torch::nn::Linear fc2_{nullptr};
};

}  // namespace heirloom::arch

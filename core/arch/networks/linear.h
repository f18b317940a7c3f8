// One fully connected layer on the pixels: a baseline that robust training cannot lift far.
#pragma once

#include <cstdint>

#include "core/arch/classifier.h"

namespace heirloom::arch {

class LinearClassifier final : public Classifier {
 public:
  LinearClassifier(std::int64_t inputs, std::int64_t classes);

  torch::Tensor forward(torch::Tensor x) override;
  std::shared_ptr<Classifier> deployed() const override;

 private:
  std::int64_t inputs_;
  std::int64_t classes_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace heirloom::arch

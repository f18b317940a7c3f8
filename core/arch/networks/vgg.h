// VGG with batch normalisation for small images (Simonyan and Zisserman 2015, "Very deep
// convolutional networks for large-scale image recognition", table 1, columns A, B, D and E): five
// stages of 3x3 convolutions with w, 2w, 4w, 8w, 8w channels, each with batch normalisation and
// ReLU, and a max-pool of 2 after each stage. Differs: one fully connected layer on the mean over
// the pixels in place of three, as usual for CIFAR; convolutions without bias; a pool that would
// leave a side of one pixel is left out (the fifth on 28x28 and 32x32).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/arch/classifier.h"
#include "core/arch/conv_norm.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

struct VggConfig {
  std::vector<std::int64_t> convolutions;  // of each stage
  std::int64_t width = 64;                 // w
  jobs::InputShape input;
  std::int64_t classes = 10;
};

class Vgg final : public Classifier {
 public:
  explicit Vgg(const VggConfig& config, Form form = Form::trained);

  torch::Tensor forward(torch::Tensor x) override;
  std::shared_ptr<Classifier> deployed() const override;

 private:
  struct Stage {
    std::vector<std::shared_ptr<ConvNorm>> units;
    bool pool = false;
  };

  VggConfig config_;
  std::vector<Stage> stages_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace heirloom::arch

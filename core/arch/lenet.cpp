#include "core/arch/lenet.h"

#include "core/arch/first_stage.h"

namespace heirloom::arch {
namespace {

// Side length after a 5x5 convolution without padding and a max-pool of 2.
std::int64_t after_stage(std::int64_t side) {
  return (side - 4) / 2;
}

}  // namespace

LeNet::LeNet(const jobs::InputShape& shape, std::int64_t classes)
    : shape_(shape), classes_(classes) {
  const std::int64_t features =
      50 * after_stage(after_stage(shape.height)) * after_stage(after_stage(shape.width));
  conv1_ =
      register_module("conv1", torch::nn::Conv2d(torch::nn::Conv2dOptions(shape.channels, 20, 5)));
  conv2_ = register_module("conv2", torch::nn::Conv2d(torch::nn::Conv2dOptions(20, 50, 5)));
  fc1_ = register_module("fc1", torch::nn::Linear(features, 500));
  fc2_ = register_module("fc2", torch::nn::Linear(500, classes));
}

torch::Tensor LeNet::forward(torch::Tensor x) {
  if (first_stage_applies(x, conv1_->weight)) {
    x = first_stage(x, conv1_->weight, conv1_->bias);
    x = torch::relu(torch::max_pool2d(conv2_(x), 2));  // the same, on a quarter of the values
  } else {
    x = torch::max_pool2d(torch::relu(conv1_(x)), 2);
    x = torch::max_pool2d(torch::relu(conv2_(x)), 2);
  }
  return fc2_(torch::relu(fc1_(x.flatten(1))));
}

std::shared_ptr<Classifier> LeNet::deployed() const {
  auto copy = std::make_shared<LeNet>(shape_, classes_);
  copy_state(*this, *copy);
  copy->eval();
  return copy;
}

}  // namespace heirloom::arch

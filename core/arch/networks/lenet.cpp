#include "core/arch/networks/lenet.h"

#include "core/arch/builders.h"
#include "core/arch/first_stage.h"

namespace heirloom::arch {
namespace {

// Side length after a 5x5 convolution without padding and a max-pool of 2.
std::int64_t after_stage(std::int64_t side) {
  return (side - 4) / 2;
}

// Max-pooling by 2. In bfloat16 oneDNN's kernel is five times slower than elementwise maxima when
// the channels are no multiple of its 16 lanes.
torch::Tensor max_pool_2x2(const torch::Tensor& x) {
  if (x.scalar_type() != torch::kBFloat16 || x.size(1) % 16 == 0) return torch::max_pool2d(x, 2);
  const auto pairs = [](const torch::Tensor& y, std::int64_t dim) {
    const std::int64_t end = y.size(dim) / 2 * 2;
    return torch::maximum(y.slice(dim, 0, end, 2), y.slice(dim, 1, end, 2));
  };
  return pairs(pairs(x, 2), 3);
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
  if (torch::GradMode::is_enabled()) {
    x = first_stage_applies(x, conv1_->weight) ? first_stage(x, conv1_->weight, conv1_->bias)
                                               : torch::relu(torch::max_pool2d(conv1_(x), 2));
    x = torch::relu(torch::max_pool2d(conv2_(x), 2));
  } else {
    // The form that is exported: faster forward than LibTorch's pooling, and far slower backward.
    // Maximum and ReLU commute; the other order would rectify four times as many numbers.
    x = torch::relu(max_pool_2x2(conv1_(x)));
    x = torch::relu(max_pool_2x2(conv2_(x)));
  }
  return fc2_(torch::relu(fc1_(x.flatten(1))));
}

torch::Tensor LeNet::infer(torch::Tensor x) {
  const torch::NoGradGuard no_grad;
  x = first_stage_serves(x, conv1_->weight) ? first_stage(x, conv1_->weight, conv1_->bias)
                                            : torch::relu(max_pool_2x2(conv1_(x)));
  x = torch::relu(max_pool_2x2(conv2_(x)));
  return fc2_(torch::relu(fc1_(x.flatten(1))));
}

std::shared_ptr<Classifier> LeNet::deployed() const {
  auto copy = std::make_shared<LeNet>(shape_, classes_);
  copy_state(*this, *copy);
  copy->eval();
  return copy;
}

Built build_lenet(const BuildRequest& request) {
  HEIRLOOM_TRY(check_smallest_side(request, "lenet", kLeNetMinimumSide));
  return std::make_shared<LeNet>(request.input, request.classes);
}

}  // namespace heirloom::arch

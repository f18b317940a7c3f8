#include "core/train/gaussian.h"

namespace heirloom::train {

torch::Tensor Gaussian::loss(arch::Classifier& network, const StepContext& step) {
  const torch::Tensor& x = step.batch.images;
  const jobs::InputShape shape{x.size(1), x.size(2), x.size(3)};
  const torch::Tensor noisy = x + step.randomness.noise(x.size(0), shape);
  return torch::nn::functional::cross_entropy(network.forward(noisy), step.batch.labels);
}

}  // namespace heirloom::train

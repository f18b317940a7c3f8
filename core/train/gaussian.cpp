#include "core/train/gaussian.h"

#include "core/train/draws.h"

namespace heirloom::train {

StepLoss Gaussian::loss(arch::Classifier& network, const StepContext& step) {
  const torch::Tensor noisy = step.batch.images + step.randomness.noise(step.batch, 1);
  const torch::Tensor loss =
      label_loss(logits_of(network, noisy).log_softmax(1), step.batch.labels, step.label_smoothing);
  return {loss, loss.detach()};
}

}  // namespace heirloom::train

#include "core/train/stability.h"

#include "core/train/draws.h"

namespace heirloom::train {

StepLoss stability_loss(arch::Classifier& network, const Batch& batch, const torch::Tensor& noise,
                        double label_smoothing, const jobs::StabilityMethod& settings) {
  const torch::Tensor clean = logits_of(network, batch.images);
  const torch::Tensor noisy = logits_of(network, batch.images + noise);
  const torch::Tensor natural = label_loss(clean.log_softmax(1), batch.labels, label_smoothing);
  const torch::Tensor difference = -(clean.softmax(1) * noisy.log_softmax(1)).sum(1).mean();
  return {natural + settings.lambda * difference, natural.detach()};
}

StepLoss Stability::loss(arch::Classifier& network, const StepContext& step) {
  return stability_loss(network, step.batch, step.randomness.noise(step.batch, 1),
                        step.label_smoothing, settings_);
}

}  // namespace heirloom::train

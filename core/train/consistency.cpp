#include "core/train/consistency.h"

#include "core/train/draws.h"

namespace heirloom::train {

StepLoss consistency_loss(arch::Classifier& network, const Batch& batch, const torch::Tensor& noise,
                          double label_smoothing, const jobs::ConsistencyMethod& settings) {
  const torch::Tensor logits =
      logits_of(network, for_each_draw(batch.images, settings.draws) + noise);
  const torch::Tensor logs = logits.log_softmax(1);
  const torch::Tensor natural =
      label_loss(logs, batch.labels.repeat({settings.draws}), label_smoothing);
  const torch::Tensor mean = mean_softmax(logits, settings.draws);
  const torch::Tensor spread =
      divergence(mean, logs.view({settings.draws, -1, logs.size(1)})).mean();
  const torch::Tensor entropy = -(mean * floored_log(mean)).sum(1).mean();
  return {natural + settings.lambda * spread + settings.eta * entropy, natural.detach()};
}

StepLoss Consistency::loss(arch::Classifier& network, const StepContext& step) {
  return consistency_loss(network, step.batch, step.randomness.noise(step.batch, settings_.draws),
                          step.label_smoothing, settings_);
}

}  // namespace heirloom::train

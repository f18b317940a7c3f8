#include "core/train/smoothadv.h"

#include "core/train/attack.h"
#include "core/train/draws.h"

namespace heirloom::train {

torch::Tensor smoothadv_adversary(arch::Classifier& network, const Batch& batch,
                                  const torch::Tensor& noise, double epsilon,
                                  const jobs::SmoothAdvMethod& settings) {
  const FrozenNetwork frozen(network);
  const double length = 2.0 * epsilon / settings.steps;
  torch::Tensor x = batch.images;
  for (int step = 0; step < settings.steps; ++step) {
    const torch::Tensor gradient =
        smoothed_gradient(network, x, batch.labels, noise, settings.draws);
    const torch::NoGradGuard no_grad;
    x = project(step_along(x, gradient, length).clamp(0, 1), batch.images, epsilon);
  }
  return x.detach();
}

StepLoss smoothadv_loss(arch::Classifier& network, const Batch& batch, const torch::Tensor& noise,
                        double epsilon, double label_smoothing,
                        const jobs::SmoothAdvMethod& settings) {
  const torch::Tensor adversary = smoothadv_adversary(network, batch, noise, epsilon, settings);
  const torch::Tensor logits = logits_of(network, for_each_draw(adversary, settings.draws) + noise);
  const torch::Tensor loss =
      label_loss(logits.log_softmax(1), batch.labels.repeat({settings.draws}), label_smoothing);
  return {loss, loss.detach()};
}

StepLoss SmoothAdv::loss(arch::Classifier& network, const StepContext& step) {
  const double epsilon = settings_.epsilon * warm_up(step.epoch, settings_.warmup_epochs);
  return smoothadv_loss(network, step.batch, step.randomness.noise(step.batch, settings_.draws),
                        epsilon, step.label_smoothing, settings_);
}

}  // namespace heirloom::train

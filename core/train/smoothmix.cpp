#include "core/train/smoothmix.h"

#include "core/train/attack.h"
#include "core/train/draws.h"

namespace heirloom::train {
namespace {

// By weights lambda [B]: (1 - lambda) a + lambda b, a row an example.
torch::Tensor mix(const torch::Tensor& lambda, const torch::Tensor& a, const torch::Tensor& b) {
  return (1 - lambda) * a + lambda * b;
}

}  // namespace

SmoothMixAdversary smoothmix_adversary(arch::Classifier& network, const Batch& batch,
                                       const SmoothMixDraws& draws,
                                       const jobs::SmoothMixMethod& settings) {
  const FrozenNetwork frozen(network);
  SmoothMixAdversary found{batch.images, batch.images};
  for (int step = 0; step < settings.steps; ++step) {
    const torch::Tensor gradient =
        smoothed_gradient(network, found.end, batch.labels, draws.noise, settings.draws);
    const torch::NoGradGuard no_grad;
    found.end = step_along(found.end, gradient, settings.step_size).clamp(0, 1);
    if (step == 0 && settings.one_step) {
      found.start = project(found.end, batch.images, settings.step_size * draws.warm);
    }
  }
  return found;
}

StepLoss smoothmix_loss(arch::Classifier& network, const Batch& batch, const SmoothMixDraws& draws,
                        double label_smoothing, const jobs::SmoothMixMethod& settings) {
  const auto [x, adversary] = smoothmix_adversary(network, batch, draws, settings);
  const torch::Tensor logits = logits_of(network, for_each_draw(x, settings.draws) + draws.noise);
  const torch::Tensor natural =
      label_loss(logits.log_softmax(1), batch.labels.repeat({settings.draws}), label_smoothing);

  const torch::Tensor mean = mean_softmax(logits, settings.draws);
  const torch::Tensor mixed = mix(draws.lambda.view({-1, 1, 1, 1}), x, adversary);
  const torch::Tensor uniform =
      torch::full({1, 1}, 1.0 / static_cast<double>(mean.size(1)), mean.options());
  const torch::Tensor target = mix(draws.lambda.unsqueeze(1), mean, uniform);
  const torch::Tensor logs =
      logits_of(network, for_each_draw(mixed, settings.draws) + draws.noise).log_softmax(1);
  const torch::Tensor apart =
      divergence(target, logs.view({settings.draws, -1, mean.size(1)})).mean(0);
  const torch::Tensor correct = mean.argmax(1).eq(batch.labels).to(torch::kFloat);
  return {natural + settings.eta * draws.warm * (correct * apart).mean(), natural.detach()};
}

StepLoss SmoothMix::loss(arch::Classifier& network, const StepContext& step) {
  const SmoothMixDraws draws{.noise = step.randomness.noise(step.batch, settings_.draws),
                             .lambda = step.randomness.uniform(step.batch.images.size(0)) * 0.5,
                             .warm = warm_up(step.epoch, settings_.warmup_epochs)};
  return smoothmix_loss(network, step.batch, draws, step.label_smoothing, settings_);
}

}  // namespace heirloom::train

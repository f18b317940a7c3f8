#include "core/train/catrs.h"

#include <tuple>

#include "core/train/attack.h"
#include "core/train/draws.h"

namespace heirloom::train {
namespace {

// Mean and root mean square of each row, [N, 1, 1, 1].
std::pair<torch::Tensor, torch::Tensor> moments(const torch::Tensor& x) {
  const torch::Tensor flat = x.flatten(1);
  return {flat.mean(1).view({-1, 1, 1, 1}), flat.pow(2).mean(1).sqrt().view({-1, 1, 1, 1})};
}

// Cross-entropy with the smoothed label of each row, as in label_loss.
torch::Tensor row_losses(const torch::Tensor& logs, const torch::Tensor& labels, double smoothing) {
  const torch::Tensor of_labels = -logs.gather(1, labels.unsqueeze(1)).squeeze(1);
  return (1.0 - smoothing) * of_labels - smoothing * logs.mean(1);
}

}  // namespace

torch::Tensor catrs_noise(arch::Classifier& network, const Batch& batch, const torch::Tensor& noise,
                          const torch::Tensor& target, const jobs::CatRsMethod& settings) {
  const FrozenNetwork frozen(network);
  const double length = 2.0 * settings.epsilon / settings.steps;
  const torch::Tensor images = for_each_draw(batch.images, settings.draws);
  const torch::Tensor targets = for_each_draw(target, settings.draws);
  const auto [mean, size] = moments(noise);
  torch::Tensor moved = noise;
  for (int step = 0; step < settings.steps; ++step) {
    const torch::Tensor at = moved.detach().requires_grad_();
    const torch::Tensor logs = logits_of(network, images + at).log_softmax(1);
    const torch::Tensor gradient =
        torch::autograd::grad({divergence(targets, logs).sum()}, {at})[0];
    const torch::NoGradGuard no_grad;
    moved = project(step_along(moved, gradient, length), noise, settings.epsilon);
    const auto [moved_mean, moved_size] = moments(moved);
    moved = mean + (moved - moved_mean) / moved_size * size;
  }
  return moved.detach();
}

StepLoss catrs_loss(arch::Classifier& network, const Batch& batch, const torch::Tensor& noise,
                    const torch::Tensor& uniform, double label_smoothing,
                    const jobs::CatRsMethod& settings) {
  const std::int64_t draws = settings.draws;
  const torch::Tensor images = for_each_draw(batch.images, draws);
  const torch::Tensor labels = batch.labels.repeat({draws});
  const torch::Tensor logits = logits_of(network, images + noise);
  const torch::Tensor losses =
      row_losses(logits.log_softmax(1), labels, label_smoothing).view({draws, -1});
  const torch::Tensor target = mean_softmax(logits, draws).detach();

  const torch::Tensor share =
      logits.argmax(1).eq(labels).view({draws, -1}).to(torch::kFloat).mean(0);
  const torch::Tensor trusted = uniform.view({draws, -1}).lt(share).sum(0).clamp_min(1);
  const torch::Tensor rank = torch::arange(draws, trusted.options()).view({-1, 1});
  const torch::Tensor taken = rank.lt(trusted).to(torch::kFloat);
  const torch::Tensor low = (std::get<0>(losses.sort(0)) * taken).mean(0);

  const torch::Tensor worst = catrs_noise(network, batch, noise, target, settings);
  const torch::Tensor logs = logits_of(network, images + worst).log_softmax(1);
  const torch::Tensor high =
      std::get<0>(divergence(target, logs.view({draws, -1, logs.size(1)})).max(0)) *
      trusted.eq(draws).to(torch::kFloat);
  return {(low + settings.lambda * high).mean(), losses.mean().detach()};
}

StepLoss CatRs::loss(arch::Classifier& network, const StepContext& step) {
  return catrs_loss(network, step.batch, step.randomness.noise(step.batch, settings_.draws),
                    step.randomness.uniform(step.batch.images.size(0) * settings_.draws),
                    step.label_smoothing, settings_);
}

}  // namespace heirloom::train

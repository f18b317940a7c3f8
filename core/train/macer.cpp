#include "core/train/macer.h"

#include "core/train/draws.h"

namespace heirloom::train {
namespace {

// Of each row of two probabilities, the larger first.
torch::Tensor quantile_gap(const torch::Tensor& top) {
  const torch::Tensor quantiles = torch::special_ndtri(top);
  return quantiles.select(1, 0) - quantiles.select(1, 1);
}

}  // namespace

StepLoss macer_loss(arch::Classifier& network, const Batch& batch, const torch::Tensor& noise,
                    double sigma, double lambda, double label_smoothing,
                    const jobs::MacerMethod& settings) {
  const torch::Tensor logits =
      logits_of(network, for_each_draw(batch.images, settings.draws) + noise);
  const torch::Tensor natural =
      label_loss(floored_log(mean_softmax(logits, settings.draws)), batch.labels, label_smoothing);
  if (lambda == 0.0) return {natural, natural.detach()};

  const auto [top, classes] = mean_softmax(settings.beta * logits, settings.draws).topk(2, 1);
  torch::Tensor kept;
  {
    const torch::NoGradGuard no_grad;
    const torch::Tensor gap = quantile_gap(top);
    kept = classes.select(1, 0).eq(batch.labels) & gap.isfinite() & gap.le(settings.gamma);
  }
  // The others are left out before the quantile: its gradient at 0 and 1 is infinite, and times
  // zero that is no number.
  const torch::Tensor short_of_gamma = settings.gamma - quantile_gap(top.index({kept}));
  const double weight = lambda * sigma / 2.0 / static_cast<double>(batch.labels.size(0));
  return {natural + weight * short_of_gamma.sum(), natural.detach()};
}

StepLoss Macer::loss(arch::Classifier& network, const StepContext& step) {
  const double lambda = step.epoch < settings_.deferred_epochs ? 0.0 : settings_.lambda;
  return macer_loss(network, step.batch, step.randomness.noise(step.batch, settings_.draws), sigma_,
                    lambda, step.label_smoothing, settings_);
}

}  // namespace heirloom::train

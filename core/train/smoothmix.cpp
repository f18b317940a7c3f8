#include "core/train/smoothmix.h"

#include <algorithm>
#include <vector>

namespace heirloom::train {
namespace {

namespace F = torch::nn::functional;

// Evaluation mode and no gradients for the weights, for as long as it lives.
class FrozenNetwork {
 public:
  explicit FrozenNetwork(arch::Classifier& network)
      : network_(network), was_training_(network.is_training()) {
    network_.eval();
    require_gradients(false);
  }
  FrozenNetwork(const FrozenNetwork&) = delete;
  FrozenNetwork& operator=(const FrozenNetwork&) = delete;
  ~FrozenNetwork() {
    require_gradients(true);
    network_.train(was_training_);
  }

 private:
  void require_gradients(bool on) {
    for (torch::Tensor parameter : network_.parameters()) parameter.set_requires_grad(on);
  }

  arch::Classifier& network_;
  bool was_training_;
};

// [B, ...] -> [m * B, ...], draw by draw. cat keeps the channels-last order; repeat would not.
torch::Tensor for_each_draw(const torch::Tensor& x, std::int64_t draws) {
  return torch::cat(std::vector<torch::Tensor>(static_cast<std::size_t>(draws), x));
}

// Mean over the draws of logits [m * B, K] as probabilities: G, [B, K].
torch::Tensor mean_softmax(const torch::Tensor& logits, std::int64_t draws) {
  return logits.softmax(1).view({draws, -1, logits.size(1)}).mean(0);
}

}  // namespace

torch::Tensor smoothmix_adversary(arch::Classifier& network, const Batch& batch,
                                  const torch::Tensor& noise,
                                  const jobs::SmoothMixMethod& settings) {
  const FrozenNetwork frozen(network);
  torch::Tensor x = batch.images;
  for (int step = 0; step < settings.steps; ++step) {
    x = x.detach().requires_grad_();
    const torch::Tensor logits = network.forward(for_each_draw(x, settings.draws) + noise);
    const torch::Tensor of_label =
        mean_softmax(logits, settings.draws).gather(1, batch.labels.unsqueeze(1));
    const torch::Tensor loss = -of_label.clamp_min(1e-20).log().sum();
    const torch::Tensor gradient = torch::autograd::grad({loss}, {x})[0];
    const torch::NoGradGuard no_grad;
    const torch::Tensor norm = gradient.flatten(1).norm(2, 1).view({-1, 1, 1, 1});
    x = (x + settings.step_size * gradient / (norm + 1e-8)).clamp(0, 1);
  }
  return x.detach();
}

torch::Tensor smoothmix_loss(arch::Classifier& network, const Batch& batch,
                             const torch::Tensor& noise, const torch::Tensor& lambda, double eta,
                             const jobs::SmoothMixMethod& settings) {
  const torch::Tensor adversary = smoothmix_adversary(network, batch, noise, settings);
  const torch::Tensor logits = network.forward(for_each_draw(batch.images, settings.draws) + noise);
  const torch::Tensor natural = F::cross_entropy(logits, batch.labels.repeat({settings.draws}));

  const torch::Tensor mean = mean_softmax(logits, settings.draws);
  const torch::Tensor image_weight = lambda.view({-1, 1, 1, 1});
  const torch::Tensor mixed = (1 - image_weight) * batch.images + image_weight * adversary;
  const torch::Tensor class_weight = lambda.unsqueeze(1);
  // The floor keeps the gradient of y log y finite where a weight is 0 and a probability
  // underflows.
  const torch::Tensor target =
      ((1 - class_weight) * mean + class_weight / static_cast<double>(mean.size(1)))
          .clamp_min(1e-20);
  const torch::Tensor log_mixed =
      network.forward(for_each_draw(mixed, settings.draws) + noise).log_softmax(1);
  const torch::Tensor divergence =
      (target * target.log() - target * log_mixed.view({settings.draws, -1, mean.size(1)})).sum(2);
  const torch::Tensor correct = mean.argmax(1).eq(batch.labels).to(torch::kFloat);
  return natural + eta * (correct * divergence).mean();
}

torch::Tensor SmoothMix::loss(arch::Classifier& network, const StepContext& step) {
  const torch::Tensor& x = step.batch.images;
  const jobs::InputShape shape{x.size(1), x.size(2), x.size(3)};
  const torch::Tensor noise = step.randomness.noise(x.size(0) * settings_.draws, shape);
  const torch::Tensor lambda = step.randomness.uniform(x.size(0)) * 0.5;
  const double warm =
      settings_.warmup_epochs == 0
          ? 1.0
          : std::min(1.0, static_cast<double>(step.epoch + 1) / settings_.warmup_epochs);
  return smoothmix_loss(network, step.batch, noise, lambda, settings_.eta * warm, settings_);
}

}  // namespace heirloom::train

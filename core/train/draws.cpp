#include "core/train/draws.h"

#include <algorithm>
#include <vector>

namespace heirloom::train {

torch::Tensor logits_of(arch::Classifier& network, const torch::Tensor& x) {
  return network.forward(x).to(torch::kFloat);
}

torch::Tensor for_each_draw(const torch::Tensor& x, std::int64_t draws) {
  // cat keeps the channels-last order; repeat would not.
  return torch::cat(std::vector<torch::Tensor>(static_cast<std::size_t>(draws), x));
}

torch::Tensor mean_softmax(const torch::Tensor& logits, std::int64_t draws) {
  return logits.softmax(1).view({draws, -1, logits.size(1)}).mean(0);
}

torch::Tensor floored_log(const torch::Tensor& probabilities) {
  return probabilities.clamp_min(1e-20).log();
}

torch::Tensor divergence(const torch::Tensor& target, const torch::Tensor& log_probabilities) {
  return (target * (floored_log(target) - log_probabilities)).sum(-1);
}

torch::Tensor label_loss(const torch::Tensor& log_probabilities, const torch::Tensor& labels,
                         double smoothing) {
  const torch::Tensor of_labels = torch::nll_loss(log_probabilities, labels);
  if (smoothing == 0.0) return of_labels;
  return (1.0 - smoothing) * of_labels - smoothing * log_probabilities.mean();
}

double warm_up(std::int64_t epoch, int epochs) {
  return epochs == 0 ? 1.0 : std::min(1.0, static_cast<double>(epoch + 1) / epochs);
}

}  // namespace heirloom::train

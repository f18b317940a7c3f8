#include "core/train/attack.h"

#include "core/train/draws.h"

namespace heirloom::train {
namespace {

// [N, ...] -> [N, 1, 1, 1]
torch::Tensor row_norms(const torch::Tensor& x) {
  return x.flatten(1).norm(2, 1).view({-1, 1, 1, 1});
}

}  // namespace

FrozenNetwork::FrozenNetwork(arch::Classifier& network)
    : network_(network), was_training_(network.is_training()) {
  network_.eval();
  for (const torch::Tensor& parameter : network_.parameters()) {
    if (parameter.requires_grad()) trained_.push_back(parameter);
  }
  for (torch::Tensor& parameter : trained_) parameter.set_requires_grad(false);
}

FrozenNetwork::~FrozenNetwork() {
  for (torch::Tensor& parameter : trained_) parameter.set_requires_grad(true);
  network_.train(was_training_);
}

torch::Tensor smoothed_gradient(arch::Classifier& network, const torch::Tensor& x,
                                const torch::Tensor& labels, const torch::Tensor& noise,
                                std::int64_t draws) {
  const torch::Tensor at = x.detach().requires_grad_();
  const torch::Tensor logits = logits_of(network, for_each_draw(at, draws) + noise);
  const torch::Tensor of_label = mean_softmax(logits, draws).gather(1, labels.unsqueeze(1));
  return torch::autograd::grad({-floored_log(of_label).sum()}, {at})[0];
}

torch::Tensor step_along(const torch::Tensor& x, const torch::Tensor& gradient, double length) {
  return x + length * gradient / (row_norms(gradient) + 1e-8);
}

torch::Tensor project(const torch::Tensor& x, const torch::Tensor& centre, double radius) {
  const torch::Tensor offset = x - centre;
  return centre + offset * (radius / row_norms(offset).clamp_min(1e-20)).clamp_max(1.0);
}

}  // namespace heirloom::train

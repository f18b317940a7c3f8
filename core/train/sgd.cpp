#include "core/train/sgd.h"

#include <cmath>

namespace heirloom::train {

Sgd::Sgd(std::vector<torch::Tensor> parameters, double momentum, double weight_decay)
    : parameters_(std::move(parameters)), momentum_(momentum), weight_decay_(weight_decay) {
  const torch::NoGradGuard no_grad;
  for (const torch::Tensor& parameter : parameters_) {
    velocities_.push_back(torch::zeros_like(parameter));
  }
}

void Sgd::clear_gradients() {
  for (torch::Tensor& parameter : parameters_) parameter.mutable_grad() = torch::Tensor();
}

double Sgd::squared_gradient_norm() const {
  double sum = 0.0;
  for (const torch::Tensor& parameter : parameters_) {
    if (!parameter.grad().defined()) continue;
    const double norm = parameter.grad().norm().item<double>();
    sum += norm * norm;
  }
  return sum;
}

void Sgd::scale_gradients(double factor) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : parameters_) {
    if (parameter.grad().defined()) parameter.mutable_grad().mul_(factor);
  }
}

bool Sgd::weights_finite() const {
  const torch::NoGradGuard no_grad;
  // A sum is finite only if every term is.
  double sum = 0.0;
  for (const torch::Tensor& parameter : parameters_) sum += parameter.sum().item<double>();
  return std::isfinite(sum);
}

void Sgd::step(double rate) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    torch::Tensor& parameter = parameters_[i];
    if (!parameter.grad().defined()) continue;
    torch::Tensor& velocity = velocities_[i];
    velocity.mul_(momentum_).add_(parameter.grad()).add_(parameter, weight_decay_);
    parameter.add_(velocity, -rate);
  }
}

}  // namespace heirloom::train

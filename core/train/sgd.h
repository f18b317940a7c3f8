// Stochastic gradient descent with momentum and weight decay, as torch.optim.SGD:
//   g' = g + decay p;  v = momentum v + g';  p = p - rate v
// Own, so that its whole state is the list of velocities.
#pragma once

#include <vector>

#include "core/arch/libtorch.h"

namespace heirloom::train {

class Sgd {
 public:
  Sgd(std::vector<torch::Tensor> parameters, double momentum, double weight_decay);

  void clear_gradients();
  // Sum of the squares of all gradients: not finite if one of them is not.
  double squared_gradient_norm() const;
  void scale_gradients(double factor);
  // Whether every parameter is finite.
  bool weights_finite() const;
  void step(double rate);

  // One velocity for each parameter, zero before the first step.
  const std::vector<torch::Tensor>& velocities() const { return velocities_; }

 private:
  std::vector<torch::Tensor> parameters_;
  std::vector<torch::Tensor> velocities_;
  double momentum_;
  double weight_decay_;
};

}  // namespace heirloom::train

#include "core/train/sgd.h"

#include <gtest/gtest.h>

namespace heirloom::train {
namespace {

TEST(Sgd, MovesAsLibTorchsOptimiserDoes) {
  torch::manual_seed(1);
  torch::Tensor ours = torch::rand({4, 3}, torch::requires_grad());
  torch::Tensor theirs = ours.detach().clone().requires_grad_();
  const torch::Tensor goal = torch::rand({4, 3});
  Sgd optimiser({ours}, 0.9, 0.01);
  torch::optim::SGD reference(std::vector<torch::Tensor>{theirs},
                              torch::optim::SGDOptions(0.1).momentum(0.9).weight_decay(0.01));
  for (int step = 0; step < 5; ++step) {
    optimiser.clear_gradients();
    (ours - goal).pow(2).sum().backward();
    optimiser.step(0.1);
    reference.zero_grad();
    (theirs - goal).pow(2).sum().backward();
    reference.step();
    EXPECT_TRUE(torch::allclose(ours, theirs, 1e-6, 1e-7)) << step;
  }
}

TEST(Sgd, SeesGradientsAndWeightsThatAreNotFinite) {
  torch::Tensor weight = torch::ones({2}, torch::requires_grad());
  Sgd optimiser({weight}, 0.0, 0.0);
  (weight * 3).sum().backward();
  EXPECT_NEAR(optimiser.squared_gradient_norm(), 18.0, 1e-4);
  EXPECT_TRUE(optimiser.weights_finite());
  weight.mutable_grad()[0] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(std::isfinite(optimiser.squared_gradient_norm()));
  optimiser.step(0.1);
  EXPECT_FALSE(optimiser.weights_finite());
}

TEST(Sgd, ScalesEveryGradientAlike) {
  torch::Tensor first = torch::ones({2}, torch::requires_grad());
  torch::Tensor second = torch::ones({3}, torch::requires_grad());
  const torch::Tensor unused = torch::ones({1}, torch::requires_grad());
  Sgd optimiser({first, second, unused}, 0.0, 0.0);
  (first.sum() * 3 + second.sum() * 4).backward();
  const double before = optimiser.squared_gradient_norm();
  optimiser.scale_gradients(0.5);
  EXPECT_NEAR(optimiser.squared_gradient_norm(), 0.25 * before, 1e-4);
  optimiser.step(1.0);
  EXPECT_NEAR(first[0].item<double>(), 1.0 - 1.5, 1e-6);
  EXPECT_NEAR(second[0].item<double>(), 1.0 - 2.0, 1e-6);
}

}  // namespace
}  // namespace heirloom::train

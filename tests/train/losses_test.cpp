// The losses against tests/golden/loss_reference.py, which computes them in NumPy from the
// formulas.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/arch/linear.h"
#include "core/train/smoothmix.h"
#include "core/train/transfer.h"

namespace heirloom::train {
namespace {

const nlohmann::json& golden() {
  static const nlohmann::json json =
      nlohmann::json::parse(std::ifstream(HEIRLOOM_GOLDEN "/loss_reference.json"));
  return json;
}

torch::Tensor values(const char* name, at::IntArrayRef shape) {
  const auto numbers = golden().at(name).get<std::vector<float>>();
  return torch::tensor(numbers).view(shape);
}

// The network, batch and draws of the reference.
struct Reference {
  Reference() {
    const auto& settings = golden().at("settings");
    rows = settings.at("batch");
    classes = settings.at("classes");
    side = settings.at("side");
    smoothmix.draws = settings.at("draws");
    smoothmix.steps = settings.at("steps");
    smoothmix.step_size = settings.at("step_size");
    eta = settings.at("eta");
    network = std::make_shared<arch::LinearClassifier>(side * side, classes);
    const torch::NoGradGuard no_grad;
    network->named_parameters()["fc.weight"].copy_(values("weight", {classes, side * side}));
    network->named_parameters()["fc.bias"].copy_(values("bias", {classes}));
    batch.images = values("x", {rows, 1, side, side});
    batch.labels = torch::tensor(golden().at("labels").get<std::vector<std::int64_t>>());
    noise = values("noise", {smoothmix.draws * rows, 1, side, side});
    lambda = values("lambda", {rows});
  }

  std::int64_t rows = 0;
  std::int64_t classes = 0;
  std::int64_t side = 0;
  jobs::SmoothMixMethod smoothmix;
  double eta = 0.0;
  std::shared_ptr<arch::LinearClassifier> network;
  Batch batch;
  torch::Tensor noise;
  torch::Tensor lambda;
};

TEST(SmoothMix, FindsTheAdversaryOfTheReference) {
  const Reference r;
  const torch::Tensor adversary = smoothmix_adversary(*r.network, r.batch, r.noise, r.smoothmix);
  EXPECT_TRUE(
      torch::allclose(adversary, values("adversary", {r.rows, 1, r.side, r.side}), 1e-4, 1e-5));
  EXPECT_FALSE(adversary.requires_grad());
}

TEST(SmoothMix, HasTheLossAndTheGradientOfTheReference) {
  const Reference r;
  ASSERT_GT(golden().at("right").get<int>(), 0);
  ASSERT_LT(golden().at("right").get<int>(), r.rows);
  const torch::Tensor loss =
      smoothmix_loss(*r.network, r.batch, r.noise, r.lambda, r.eta, r.smoothmix);
  EXPECT_NEAR(loss.item<double>(), golden().at("smoothmix").get<double>(), 1e-4);
  loss.backward();
  const torch::Tensor gradient = r.network->named_parameters()["fc.weight"].grad();
  EXPECT_TRUE(torch::allclose(
      gradient, values("smoothmix_weight_gradient", {r.classes, r.side * r.side}), 1e-3, 1e-4));
}

TEST(SmoothMix, TheAttackLeavesNoTraceInTheNetwork) {
  const Reference r;
  r.network->train();
  smoothmix_adversary(*r.network, r.batch, r.noise, r.smoothmix);
  EXPECT_TRUE(r.network->is_training());
  for (const torch::Tensor& parameter : r.network->parameters()) {
    EXPECT_TRUE(parameter.requires_grad());
    EXPECT_FALSE(parameter.grad().defined());
  }
}

TEST(SmoothMix, StaysFiniteWhereNothingIsMixedAndTheNetworkIsCertain) {
  const Reference r;
  {
    const torch::NoGradGuard no_grad;
    r.network->named_parameters()["fc.weight"].mul_(1e4);
  }
  const torch::Tensor loss =
      smoothmix_loss(*r.network, r.batch, r.noise, torch::zeros_like(r.lambda), r.eta, r.smoothmix);
  loss.backward();
  EXPECT_TRUE(torch::isfinite(loss).item<bool>());
  EXPECT_TRUE(
      torch::isfinite(r.network->named_parameters()["fc.weight"].grad()).all().item<bool>());
}

TEST(Transfer, HasTheLossesOfTheReference) {
  const Reference r;
  const torch::Tensor student = values("student", {r.rows, r.classes});
  const torch::Tensor teacher = values("teacher", {r.rows, r.classes});
  const auto loss = [&](double alpha, jobs::MatchOn match) {
    return transfer_loss(student, teacher, r.batch.labels, alpha, match).item<double>();
  };
  EXPECT_NEAR(loss(1.0, jobs::MatchOn::logits), golden().at("transfer_logits"), 1e-5);
  EXPECT_NEAR(loss(1.0, jobs::MatchOn::softmax), golden().at("transfer_softmax"), 1e-5);
  EXPECT_NEAR(loss(0.7, jobs::MatchOn::logits), golden().at("transfer_mixed"), 1e-5);
}

TEST(StepRandomness, FollowsFromSeedAndStep) {
  const jobs::InputShape shape{1, 4, 4};
  const auto noise = [&](std::uint64_t seed, std::int64_t step) {
    return StepRandomness(seed, step, base::Sigma(0.5)).noise(6, shape);
  };
  EXPECT_TRUE(torch::equal(noise(1, 2), noise(1, 2)));
  EXPECT_FALSE(torch::equal(noise(1, 2), noise(1, 3)));
  EXPECT_FALSE(torch::equal(noise(1, 2), noise(2, 2)));
  EXPECT_NEAR(StepRandomness(1, 2, base::Sigma(0.5)).noise(500, shape).std().item<double>(), 0.5,
              0.02);
  const torch::Tensor uniform = StepRandomness(1, 2, base::Sigma(0.5)).uniform(1000);
  EXPECT_NEAR(uniform.mean().item<double>(), 0.5, 0.04);
}

}  // namespace
}  // namespace heirloom::train

#include "core/train/weight_average.h"

#include <gtest/gtest.h>

#include "core/arch/build.h"

namespace heirloom::train {
namespace {

std::shared_ptr<arch::Classifier> network() {
  torch::manual_seed(2);
  return arch::build({"resnet", {{"depth", "8"}}}, {1, 8, 8}, 3).value();
}

void set_all(arch::Classifier& network, double value) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor parameter : network.parameters()) parameter.fill_(value);
  for (torch::Tensor buffer : network.buffers()) {
    if (buffer.is_floating_point()) buffer.fill_(value);
  }
}

TEST(WeightAverage, IsTheFormulaOfItsHeader) {
  const auto trained = network();
  set_all(*trained, 1.0);
  WeightAverage average(trained, 0.3);
  double expected = 1.0;
  for (int step = 0; step < 6; ++step) {
    set_all(*trained, 10.0 * step);
    average.update(step);
    const double keep = std::min(0.3, (1.0 + step) / (10.0 + step));
    expected = keep * expected + (1.0 - keep) * 10.0 * step;
    for (const auto& [name, tensor] : average.tensors()) {
      EXPECT_NEAR(tensor.flatten()[0].item<double>(), expected, 1e-4) << name;
    }
  }
}

TEST(WeightAverage, HoldsWeightsAndStatisticsAndGivesThemToAnotherNetwork) {
  const auto trained = network();
  WeightAverage average(trained, 0.9);
  set_all(*trained, 4.0);
  average.update(1000);
  EXPECT_EQ(trained->parameters()[0].flatten()[0].item<double>(), 4.0);
  const auto other = network();
  average.copy_to(*other);
  bool statistics = false;
  for (const auto& entry : other->named_buffers()) {
    if (!entry.value().is_floating_point()) continue;
    statistics = true;
    const double start = entry.key().find("running_var") == std::string::npos ? 0.0 : 1.0;
    EXPECT_NEAR(entry.value().flatten()[0].item<double>(), 0.9 * start + 0.1 * 4.0, 1e-5);
  }
  EXPECT_TRUE(statistics);
}

}  // namespace
}  // namespace heirloom::train

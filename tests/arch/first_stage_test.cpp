// The first stage against LibTorch's own convolution, pool and ReLU.
#include "core/arch/first_stage.h"

#include <gtest/gtest.h>

#include "core/arch/runtime.h"
#include "core/arch/stage_kernels.h"

namespace heirloom::arch {
namespace {

struct Case {
  std::int64_t images;
  std::int64_t height;
  std::int64_t width;
  std::int64_t channels;
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.images << "x" << one.height << "x" << one.width << " to " << one.channels;
}

// Leaves of a graph and the gradients that a random weighting of its outputs gives them.
struct Pass {
  torch::Tensor out;
  std::vector<torch::Tensor> gradients;
};

template <typename Stage>
Pass pass(const Stage& stage, const std::vector<torch::Tensor>& values) {
  std::vector<torch::Tensor> leaves;
  for (const torch::Tensor& value : values) leaves.push_back(value.clone().requires_grad_());
  const torch::Tensor out = stage(leaves[0], leaves[1], leaves[2]);
  torch::manual_seed(9);
  const torch::Tensor weights = torch::randn(out.sizes());
  return {out.detach(), torch::autograd::grad({(out * weights).sum()}, leaves)};
}

torch::Tensor plain(const torch::Tensor& x, const torch::Tensor& weight,
                    const torch::Tensor& bias) {
  return torch::max_pool2d(torch::relu(torch::conv2d(x, weight, bias)), 2);
}

std::vector<torch::Tensor> random_values(const Case& one) {
  torch::manual_seed(4);
  return {torch::rand({one.images, 1, one.height, one.width}) - 0.3,
          torch::randn({one.channels, 1, 5, 5}) * 0.2, torch::randn({one.channels}) * 0.2};
}

class FirstStage : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(Shapes, FirstStage,
                         testing::Values(Case{3, 28, 28, 20}, Case{1, 16, 16, 20},
                                         Case{40, 17, 22, 5}, Case{2, 31, 19, 32},
                                         Case{2, 16, 40, 16}, Case{17, 28, 28, 1}));

TEST_P(FirstStage, HasTheValuesAndGradientsOfItsOperations) {
  if (!stage_supported(GetParam().channels)) GTEST_SKIP() << "no AVX2 here";
  const auto values = random_values(GetParam());
  const Pass ours = pass(first_stage, values);
  const Pass theirs = pass(plain, values);
  EXPECT_TRUE(torch::allclose(ours.out, theirs.out, 1e-5, 1e-5));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(torch::allclose(ours.gradients[i], theirs.gradients[i], 1e-4, 1e-4)) << i;
  }
}

TEST_P(FirstStage, HasTheSameBitsOnAnyNumberOfThreads) {
  if (!stage_supported(GetParam().channels)) GTEST_SKIP() << "no AVX2 here";
  const auto values = random_values(GetParam());
  use_threads(1);
  const Pass one = pass(first_stage, values);
  use_threads(2);
  const Pass two = pass(first_stage, values);
  EXPECT_TRUE(torch::equal(one.out, two.out));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(torch::equal(one.gradients[i], two.gradients[i]));
}

TEST(FirstStage, PassesOnWhatIsNoNumber) {
  if (!stage_supported(20)) GTEST_SKIP() << "no AVX2 here";
  auto values = random_values({1, 28, 28, 20});
  values[1][3][0][2][2] = std::numeric_limits<float>::quiet_NaN();
  const torch::Tensor out = first_stage(values[0], values[1], values[2]);
  EXPECT_TRUE(torch::isnan(out.select(1, 3)).all().item<bool>());
  EXPECT_FALSE(torch::isnan(out.select(1, 4)).any().item<bool>());
}

TEST(FirstStage, IsForPassesWithGradientsOnOneChannel) {
  const torch::Tensor weight = torch::zeros({20, 1, 5, 5});
  const torch::Tensor x = torch::zeros({1, 1, 28, 28});
  EXPECT_EQ(first_stage_applies(x, weight), stage_supported(20));
  EXPECT_FALSE(first_stage_applies(torch::zeros({1, 3, 28, 28}), weight));
  EXPECT_FALSE(first_stage_applies(x.to(torch::kDouble), weight));
  const torch::NoGradGuard no_grad;
  EXPECT_FALSE(first_stage_applies(x, weight));
}

}  // namespace
}  // namespace heirloom::arch

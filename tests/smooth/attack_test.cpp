// The attack on linear classifiers, whose smoothed boundary is known: f(x) = w.x - t smoothed with
// any sigma changes its class exactly at f(x) = 0, at distance f(x) / |w|.
#include "core/smooth/attack.h"

#include <cmath>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/arch/artifact.h"
#include "core/base/normal_stream.h"
#include "core/smooth/smoothed_gradient.h"
#include "tests/arch/networks.h"

namespace heirloom::smooth {
namespace {

using certificate::AttackRow;
using testing::AllOf;
using testing::HasSubstr;

constexpr jobs::InputShape kShape{2, 3, 4};
constexpr std::int64_t kNumel = 24;
constexpr double kLength = 4.898979485566356;  // |w| of 24 entries 1 or -1

// forward(x) gives `body`; `weights` is self.w, [numel, 2].
std::string scripted(const torch::Tensor& weights, const std::string& body) {
  torch::jit::Module module("Scripted");
  module.register_parameter("w", weights, false);
  module.define("def forward(self, x):\n  return " + body + "\n");
  std::ostringstream bytes;
  module.save(bytes);
  return std::move(bytes).str();
}

// w alternates 1 and -1, and f(grey) = distance * |w| for the image of grey 102 / 255 = 0.4: class
// 0 up to `distance` from it, class 1 beyond.
std::string linear(double distance) {
  torch::Tensor sign = torch::ones({kNumel});
  for (std::int64_t i = 1; i < kNumel; i += 2) sign[i] = -1;
  const torch::Tensor weights = torch::stack({sign, -sign}, 1);
  return scripted(weights,
                  "torch.matmul(x.flatten(1) - 0.4, self.w) + torch.tensor([1.0, -1.0]) * " +
                      std::to_string(distance * kLength));
}

struct Bench {
  explicit Bench(std::string bytes, std::size_t examples = 1) : model(std::move(bytes)) {
    holdout.shape = kShape;
    holdout.classes = 2;
    holdout.pixels.assign(examples * kNumel, 102);
    holdout.labels.assign(examples, 0);
    task.model = model;
    task.origin = "model.pt";
    task.holdout = &holdout;
    task.noise.secret = base::sha256("secret");
    task.noise.holdout_id = base::sha256("holdout");
    task.noise.sigma = base::Sigma(0.25);
    task.noise.classifier_id =
        arch::Artifact::load(model, kShape, 2, "model.pt").value().classifier_id();
    task.forward_batch = 96;  // 10,000, 2^30 and 2^31 are no multiples of it
    task.searches = {{16, 10, 2}};
  }
  Bench(const Bench&) = delete;

  base::Result<void> run(const std::function<bool()>& should_stop = {}) {
    rows.clear();
    return attack(task, {.on_example =
                             [this](const AttackRow& row) {
                               rows.push_back(row);
                               return base::Result<void>();
                             },
                         .on_samples = {},
                         .should_stop = should_stop});
  }

  // The one example attacked within epsilon; the share of votes that its class keeps.
  double share_left(double epsilon) {
    task.targets = {{0, 0, epsilon}};
    const auto done = run();
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().text());
    EXPECT_LE(rows.at(0).distance, epsilon);
    return rows.at(0).votes[0] / static_cast<double>(rows.at(0).draws);
  }

  std::string model;
  data::Dataset holdout;
  AttackTask task;
  std::vector<AttackRow> rows;
};

bool broken(const AttackRow& row) {
  const certificate::AttackPlan plan{{row.target}, 1};
  return !certificate::conclude_attack(plan, std::vector{row}, 0.001).value().broken.empty();
}

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

// Within epsilon the votes fall to Phi((distance - epsilon) / sigma) and no lower. Six standard
// deviations of 10,000 votes are .03.
TEST(Attack, FindsTheClosestPointOfALinearBoundaryAndNoMore) {
  Bench bench(linear(0.3));
  for (const double epsilon : {0.1, 0.25, 0.35, 0.6}) {
    EXPECT_NEAR(bench.share_left(epsilon), normal_cdf((0.3 - epsilon) / 0.25), 0.03) << epsilon;
    EXPECT_EQ(broken(bench.rows[0]), epsilon > 0.3) << epsilon;
  }
}

TEST(Attack, OnTheGridFindsItInWhole255ths) {
  Bench bench(linear(0.3));
  bench.task.grid = true;
  EXPECT_NEAR(bench.share_left(0.4), normal_cdf(-0.1 / 0.25), 0.04);
  EXPECT_TRUE(broken(bench.rows[0]));
  EXPECT_GT(bench.share_left(0.28), 0.5);
  EXPECT_FALSE(broken(bench.rows[0]));
}

// From 102 / 255 the cube ends .4 away downwards and .6 upwards: no image has f below
// distance |w| - 12 (.4 + .6), however large the ball.
TEST(Attack, NeverLeavesTheCube) {
  Bench bench(linear(12.0 / kLength + 0.2));
  EXPECT_NEAR(bench.share_left(50.0), normal_cdf(0.2 / 0.25), 0.03);
  EXPECT_FALSE(broken(bench.rows[0]));
}

TEST(Attack, AConfirmationIsDrawnAfreshAndRefusesAFluke) {
  // At the boundary itself half of all searches see a majority for the other class; the claim is
  // that p is at least 1/2, which holds there.
  Bench bench(linear(0.3), 12);
  for (std::uint32_t i = 0; i < 12; ++i) bench.task.targets.push_back({i, 0, 0.2999});
  ASSERT_TRUE(bench.run().has_value());
  ASSERT_EQ(bench.rows.size(), 12U);
  int minorities = 0;
  for (const AttackRow& row : bench.rows) {
    EXPECT_FALSE(broken(row)) << row.votes[0];
    if (2 * row.votes[0] < row.draws) ++minorities;
  }
  EXPECT_GT(minorities, 0) << "then a majority vote would do as well";
}

TEST(Attack, GivesTheSameRowsForAnyThreadsAndAnyStart) {
  Bench bench(linear(0.3), 5);
  for (std::uint32_t i = 0; i < 5; ++i) bench.task.targets.push_back({i, 0, 0.1 + 0.1 * i});
  ASSERT_TRUE(bench.run().has_value());
  const std::vector<AttackRow> whole = bench.rows;
  ASSERT_EQ(whole.size(), 5U);
  EXPECT_NE(whole[0].votes, whole[4].votes);
  bench.task.threads = 3;
  ASSERT_TRUE(bench.run().has_value());
  EXPECT_EQ(bench.rows, whole);
  bench.task.first = 3;
  ASSERT_TRUE(bench.run().has_value());
  EXPECT_EQ(bench.rows, std::vector<AttackRow>(whole.begin() + 3, whole.end()));
}

TEST(Attack, StopsBetweenStepsAfterWholeRows) {
  Bench bench(linear(0.3), 2);
  bench.task.targets = {{0, 0, 0.1}, {1, 0, 0.1}};
  int asked = 0;
  const auto run = bench.run([&] { return ++asked > 30; });  // an example asks 21 times
  ASSERT_FALSE(run.has_value());
  EXPECT_EQ(run.error().kind, base::ErrorKind::unavailable);
  EXPECT_EQ(bench.rows.size(), 1U);
}

TEST(Attack, AFailingSinkEndsTheRun) {
  Bench bench(linear(0.3), 2);
  bench.task.targets = {{0, 0, 0.1}, {1, 0, 0.1}};
  const auto run = attack(bench.task, {.on_example = [](const AttackRow&) -> base::Result<void> {
                                         return base::fail(base::ErrorKind::io, "disk full");
                                       },
                                       .on_samples = {},
                                       .should_stop = {}});
  ASSERT_FALSE(run.has_value());
  EXPECT_EQ(run.error().message, "disk full");
}

TEST(Attack, SaysWhenTheClassifierHasNoGradientsOrNoFiniteOnes) {
  const torch::Tensor weights = torch::ones({kNumel, 2});
  Bench none(scripted(weights, "torch.matmul(x.detach().flatten(1), self.w)"));
  none.task.targets = {{0, 0, 0.1}};
  const auto run = none.run();
  ASSERT_FALSE(run.has_value());
  EXPECT_EQ(run.error().kind, base::ErrorKind::bad_data);
  EXPECT_THAT(run.error().message,
              AllOf(HasSubstr("example 0"), HasSubstr("model.pt lets no gradient through")));
  EXPECT_THAT(run.error().hint, HasSubstr("falsify.examples"));
  // The square root of 0 has an infinite slope.
  Bench infinite(scripted(weights, "torch.matmul(torch.sqrt(x.flatten(1) * 0), self.w)"));
  infinite.task.targets = {{0, 0, 0.1}};
  EXPECT_THAT(infinite.run().error().message, HasSubstr("not finite"));
}

TEST(Attack, RefusesWhatCannotBeAttacked) {
  Bench bench(linear(0.3));
  for (const certificate::AttackTarget& target :
       {certificate::AttackTarget{1, 0, 0.1}, certificate::AttackTarget{0, 2, 0.1},
        certificate::AttackTarget{0, -1, 0.1}, certificate::AttackTarget{0, 0, 0.0}}) {
    bench.task.targets = {target};
    EXPECT_EQ(bench.run().error().kind, base::ErrorKind::usage);
  }
  bench.task.targets = {{0, 0, 0.1}};
  bench.task.searches = {{0, 10, 1}};
  EXPECT_EQ(bench.run().error().kind, base::ErrorKind::usage);
  bench.task.searches = kAttackSearches;
  bench.task.noise.classifier_id = base::sha256("another");
  EXPECT_EQ(bench.run().error().kind, base::ErrorKind::usage);
}

// With logits (f, -f) the loss is -log mean_i s(2 f_i), s the logistic function, and its gradient
// -2 w times mean_i s'(2 f_i) / mean_i s(2 f_i).
TEST(SmoothedGradient, IsThatOfTheLossAndPointsAwayFromTheClass) {
  Bench bench(linear(0.05));
  auto gradient = SmoothedGradient::create({.model = bench.model,
                                            .origin = "model.pt",
                                            .shape = kShape,
                                            .classes = 2,
                                            .classifier_id = bench.task.noise.classifier_id,
                                            .sigma = bench.task.noise.sigma})
                      .value();
  const std::vector<float> grey(kNumel, 0.4F);
  const base::Digest seed = base::sha256("seed");
  const auto slope = gradient.at(grey, 0, seed, 7, 5).value();
  double values = 0.0;
  double slopes = 0.0;
  for (std::uint32_t draw = 7; draw < 12; ++draw) {
    std::vector<float> noise(kNumel);
    base::NormalStream(seed).fill(draw, noise);
    double f = 0.05 * kLength;
    for (std::size_t i = 0; i < noise.size(); ++i) f += (i % 2 == 0 ? 0.25 : -0.25) * noise[i];
    const double s = 1.0 / (1.0 + std::exp(-2.0 * f));
    values += s;
    slopes += s * (1.0 - s);
  }
  for (std::size_t i = 0; i < slope.size(); ++i) {
    const double w = i % 2 == 0 ? 1.0 : -1.0;
    EXPECT_NEAR(slope[i], -2.0 * w * slopes / values, 1e-4) << i;
  }
  const std::vector<float> ours(slope.begin(), slope.end());
  const auto other = gradient.at(grey, 1, seed, 7, 5).value();
  EXPECT_LT(other[0] * ours[0], 0.0F) << "away from the other class is the other way";
}

// The cosine of the slopes that the artifacts of one network in two precisions have.
double cosine_of_precisions(const jobs::ArchSpec& arch) {
  constexpr jobs::InputShape kImage{1, 28, 28};
  const auto network = arch::network_with_seed(arch, kImage, 21);
  const std::vector<float> grey(784, 0.4F);
  std::vector<std::vector<float>> slopes;
  for (const auto precision : {jobs::Precision::fp32, jobs::Precision::bf16}) {
    const std::string bytes = arch::export_classifier(*network, kImage, precision).value();
    VotesSetup setup;
    setup.model = bytes;
    setup.origin = "model.pt";
    setup.shape = kImage;
    setup.classes = 10;
    setup.sigma = base::Sigma(0.25);
    auto gradient = SmoothedGradient::create(setup).value();
    const auto slope = gradient.at(grey, 3, base::sha256("seed"), 0, 16);
    EXPECT_TRUE(slope.has_value()) << (slope ? "" : slope.error().text());
    slopes.emplace_back(slope->begin(), slope->end());
  }
  double products = 0.0;
  double squares[2] = {0.0, 0.0};
  for (std::size_t i = 0; i < 784; ++i) {
    products += static_cast<double>(slopes[0][i]) * slopes[1][i];
    for (const std::size_t k : {0U, 1U}) squares[k] += std::pow(slopes[k][i], 2);
  }
  return products / std::sqrt(squares[0] * squares[1]);
}

TEST(SmoothedGradient, ComesThroughTheCastsOfABf16Artifact) {
  EXPECT_GT(cosine_of_precisions({"lenet", {}}), 0.95);
  EXPECT_GT(cosine_of_precisions({"resnet", {{"depth", "8"}}}), 0.9);
}

}  // namespace
}  // namespace heirloom::smooth

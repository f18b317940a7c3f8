// Methods as the session calls them: which draws they take, what they share, what they leave alone.
#include "core/train/method.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/arch/build.h"
#include "core/arch/export.h"
#include "core/jobs/setting_list.h"
#include "core/train/catrs.h"
#include "core/train/draws.h"
#include "core/train/macer.h"
#include "core/train/smoothmix.h"

namespace heirloom::train {
namespace {

using testing::HasSubstr;

const jobs::ModelSpec kModel{.name = "g", .input = {1, 16, 16}, .classes = 4, .sigma = 0.5};
constexpr std::int64_t kRows = 8;

struct Case {
  explicit Case(const char* arch = "lenet", std::map<std::string, std::string> parameters = {}) {
    torch::manual_seed(5);
    network = arch::build({arch, std::move(parameters)}, kModel.input, kModel.classes).value();
    batch.images = torch::rand({kRows, 1, 16, 16});
    batch.labels = torch::arange(kRows).remainder(kModel.classes);
  }

  StepLoss loss(const jobs::TrainMethod& settings, std::int64_t epoch = 0,
                const std::string& teacher = {}) const {
    const auto method = make_method(settings, kModel, teacher).value();
    const StepRandomness randomness(3, 7, base::Sigma(kModel.sigma));
    return method->loss(*network, {.batch = batch, .randomness = randomness, .epoch = epoch});
  }
  double total(const jobs::TrainMethod& settings, std::int64_t epoch = 0) const {
    return loss(settings, epoch).total.item<double>();
  }
  std::string artifact() const {
    return arch::export_classifier(*network, kModel.input, jobs::Precision::fp32).value();
  }

  std::shared_ptr<arch::Classifier> network;
  Batch batch;
};

std::vector<jobs::TrainMethod> every_bootstrap_method() {
  return {jobs::GaussianMethod{},
          jobs::StabilityMethod{},
          jobs::SmoothAdvMethod{},
          jobs::MacerMethod{},
          jobs::ConsistencyMethod{},
          jobs::SmoothMixMethod{},
          jobs::SmoothMixMethod{.one_step = true},
          jobs::CatRsMethod{}};
}

TEST(Methods, GiveAFiniteLossWithAGradientForEveryParameter) {
  for (const auto& settings : every_bootstrap_method()) {
    const Case one;
    const StepLoss loss = one.loss(settings);
    EXPECT_EQ(loss.total.dim(), 0);
    EXPECT_TRUE(std::isfinite(loss.watched.item<double>())) << jobs::method_name(settings);
    EXPECT_FALSE(loss.watched.requires_grad());
    loss.total.backward();
    for (const torch::Tensor& parameter : one.network->parameters()) {
      EXPECT_GT(parameter.grad().abs().max().item<double>(), 0.0) << jobs::method_name(settings);
    }
  }
}

TEST(Methods, WatchTheClassificationLossAlone) {
  // An untrained network on four classes: about log 4, whatever else a method adds.
  for (const auto& settings : every_bootstrap_method()) {
    EXPECT_NEAR(Case().loss(settings).watched.item<double>(), std::log(4.0), 0.4)
        << jobs::method_name(settings);
  }
}

TEST(Methods, WarmUpOverTheirEpochs) {
  const Case one;
  const jobs::SmoothMixMethod smoothmix{.warmup_epochs = 4};
  EXPECT_LT(one.total(smoothmix, 0), one.total(smoothmix, 3));
  EXPECT_EQ(one.total(smoothmix, 3), one.total(smoothmix, 30));
  const jobs::SmoothAdvMethod smoothadv{.warmup_epochs = 4};
  EXPECT_LT(one.total(smoothadv, 0), one.total(smoothadv, 3));
  EXPECT_EQ(one.total(smoothadv, 3), one.total(smoothadv, 30));
  const jobs::MacerMethod macer{.deferred_epochs = 2};
  EXPECT_LT(one.total(macer, 1), one.total(macer, 2));
  EXPECT_DOUBLE_EQ(warm_up(0, 4), 0.25);
  EXPECT_DOUBLE_EQ(warm_up(9, 4), 1.0);
  EXPECT_DOUBLE_EQ(warm_up(0, 0), 1.0);
}

TEST(Methods, RefuseSettingsOutOfRange) {
  for (const jobs::TrainMethod& settings :
       {jobs::TrainMethod(jobs::SmoothMixMethod{.draws = 0}),
        jobs::TrainMethod(jobs::SmoothAdvMethod{.epsilon = 0.0}),
        jobs::TrainMethod(jobs::MacerMethod{.gamma = std::nan("")}),
        jobs::TrainMethod(jobs::TransferMethod{.teacher = {}, .alpha = 1.5})}) {
    const auto made = make_method(settings, kModel, "");
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().kind, base::ErrorKind::usage);
    EXPECT_THAT(made.error().message, HasSubstr("out of range"));
  }
}

// The student is the teacher's own network, so that what is left of the distance is the teacher's
// mode, the noise or the order of the rows.
TEST(Transfer, IsZeroForTheTeacherItself) {
  for (const char* arch : {"lenet", "resnet"}) {
    const Case one(arch, arch == std::string("resnet")
                             ? std::map<std::string, std::string>{{"depth", "8"}}
                             : std::map<std::string, std::string>{});
    {
      // Statistics that differ from this batch's.
      const torch::NoGradGuard no_grad;
      one.network->train();
      for (int i = 0; i < 5; ++i) one.network->forward(torch::rand({32, 1, 16, 16}) * 2);
    }
    one.network->eval();
    const StepLoss loss = one.loss(jobs::TransferMethod{}, 0, one.artifact());
    EXPECT_LT(loss.total.item<double>(), 1e-4) << arch;
  }
}

TEST(Transfer, ReadsNoLabelsAtAlphaOne) {
  Case one;
  const std::string teacher = Case("linear").artifact();
  one.batch.labels = torch::full({kRows}, 99);
  const StepLoss loss = one.loss(jobs::TransferMethod{}, 0, teacher);
  EXPECT_TRUE(std::isfinite(loss.total.item<double>()));
  loss.total.backward();
  EXPECT_THROW(one.loss(jobs::TransferMethod{.teacher = {}, .alpha = 0.5}, 0, teacher), c10::Error);
}

TEST(LabelLoss, SpreadsASmoothedLabelOverAllClasses) {
  const torch::Tensor logs = torch::tensor({{0.7F, 0.2F, 0.1F}}).log();
  const torch::Tensor label = torch::zeros({1}, torch::kInt64);
  const double flat = -(std::log(0.7) + std::log(0.2) + std::log(0.1)) / 3;
  EXPECT_NEAR(label_loss(logs, label, 0.0).item<double>(), -std::log(0.7), 1e-6);
  EXPECT_NEAR(label_loss(logs, label, 0.3).item<double>(), -0.7 * std::log(0.7) + 0.3 * flat, 1e-6);
}

// A network that is certain: probabilities of 0 and 1 exactly.
struct Certain : Case {
  Certain() {
    const torch::NoGradGuard no_grad;
    for (torch::Tensor parameter : network->parameters()) parameter.mul_(30);
  }
};

TEST(Methods, StayFiniteWhereTheNetworkIsCertain) {
  for (const auto& settings : every_bootstrap_method()) {
    const Certain one;
    const StepLoss loss = one.loss(settings);
    loss.total.backward();
    EXPECT_TRUE(std::isfinite(loss.total.item<double>())) << jobs::method_name(settings);
    for (const torch::Tensor& parameter : one.network->parameters()) {
      EXPECT_TRUE(torch::isfinite(parameter.grad()).all().item<bool>())
          << jobs::method_name(settings);
    }
  }
}

TEST(SmoothMix, StaysFiniteWhereNothingIsMixedIn) {
  const Certain one;
  const StepRandomness randomness(3, 7, base::Sigma(0.5));
  const StepLoss loss = smoothmix_loss(*one.network, one.batch,
                                       {randomness.noise(one.batch, 2), torch::zeros({kRows}), 1.0},
                                       0.0, {.draws = 2, .steps = 1});
  loss.total.backward();
  for (const torch::Tensor& parameter : one.network->parameters()) {
    EXPECT_TRUE(torch::isfinite(parameter.grad()).all().item<bool>());
  }
}

TEST(CatRs, TrainsOnAtLeastOneDrawAndAsksForTheWorstOnlyWhenAllAreTrusted) {
  const Case one;
  const StepRandomness randomness(3, 7, base::Sigma(0.5));
  const torch::Tensor noise = randomness.noise(one.batch, 4);
  const auto total = [&](float uniform, double lambda) {
    return catrs_loss(*one.network, one.batch, noise, torch::full({4 * kRows}, uniform), 0.0,
                      {.lambda = lambda})
        .total.item<double>();
  };
  // No number lies below any share: one draw each, and lambda has no say.
  EXPECT_EQ(total(1.0F, 0.0), total(1.0F, 100.0));
  EXPECT_GT(total(1.0F, 0.0), 0.0);
  // Every number lies below every share but 0: more draws, and lambda counts.
  EXPECT_GT(total(0.0F, 0.0), total(1.0F, 0.0));
  EXPECT_GT(total(0.0F, 100.0), total(0.0F, 0.0));
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

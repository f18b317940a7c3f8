#include "core/train/train.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/data/glyphs.h"
#include "core/smooth/count_sampler.h"
#include "core/train/estimate.h"
#include "tests/fakes/temp_folder.h"

namespace heirloom::train {
namespace {

using testing::HasSubstr;

constexpr jobs::InputShape kShape{1, 28, 28};

const data::Dataset& glyphs(std::uint64_t count) {
  static std::map<std::uint64_t, data::Dataset> drawn;
  const auto found = drawn.find(count);
  if (found != drawn.end()) return found->second;
  return drawn.emplace(count, data::draw_glyphs(1, count, kShape, 10).value()).first->second;
}

TrainTask task_for(const jobs::ArchSpec& arch, jobs::TrainMethod method,
                   const data::Dataset& dataset, int epochs, int batch) {
  TrainTask task;
  task.model = {.name = "g", .input = kShape, .classes = 10, .sigma = 0.25};
  task.spec.arch = arch;
  task.spec.method = std::move(method);
  task.spec.settings.epochs = epochs;
  task.spec.settings.batch = batch;
  task.spec.seed = 3;
  task.dataset = &dataset;
  task.threads = 2;
  return task;
}

TrainOutcome trained(TrainTask task) {
  const fakes::TempFolder folder;
  task.checkpoints = folder.path();
  return train(task, {}).value();
}

const jobs::SmoothMixMethod kSmallSmoothMix{
    .draws = 2, .steps = 2, .step_size = 0.5, .eta = 1.0, .warmup_epochs = 2};
const jobs::CatRsMethod kSmallCatRs{.draws = 2, .steps = 2, .epsilon = 0.5, .lambda = 1.0};

// A teacher for the transfer tests: LeNet by gaussian training on 512 glyphs.
const TrainOutcome& teacher() {
  static const TrainOutcome outcome =
      trained(task_for({"lenet", {}}, jobs::GaussianMethod{}, glyphs(512), 15, 64));
  return outcome;
}

// The share of 100 fresh glyphs on which most of 20 noisy copies get the right class.
double smoothed_accuracy(const TrainOutcome& outcome) {
  const data::Dataset fresh = data::draw_glyphs(2, 100, kShape, 10).value();
  smooth::CountTask task;
  task.model = outcome.artifact;
  task.origin = "model";
  task.holdout = &fresh;
  for (std::uint32_t i = 0; i < 100; ++i) task.examples.push_back(i);
  task.noise.classifier_id = outcome.classifier_id;
  task.noise.sigma = base::Sigma(0.25);
  task.n0 = 1;
  task.n = 20;
  task.forward_batch = 20;
  int right = 0;
  const auto sampled = smooth::sample_counts(
      task, {.on_example =
                 [&](const certificate::ExampleCounts& row) {
                   const auto& counts = row.estimate;
                   const auto best = std::max_element(counts.begin(), counts.end());
                   right += best - counts.begin() == row.label ? 1 : 0;
                   return base::Result<void>();
                 },
             .on_samples = {},
             .should_stop = {}});
  EXPECT_TRUE(sampled.has_value());
  return right / 100.0;
}

// Losses of the first and the last step.
std::pair<double, double> first_and_last_loss(TrainTask task) {
  const fakes::TempFolder folder;
  task.checkpoints = folder.path();
  std::vector<double> losses;
  TrainHooks hooks;
  hooks.on_step = [&](const Position& at) { losses.push_back(at.loss); };
  const auto outcome = train(task, hooks);
  EXPECT_TRUE(outcome.has_value());
  return {losses.front(), losses.back()};
}

TEST(Train, GaussianLearns) {
  EXPECT_GT(smoothed_accuracy(teacher()), 0.6);
  EXPECT_LT(teacher().final_loss, 1.2);
  EXPECT_EQ(teacher().steps, 15 * 8);
}

TEST(Train, SmoothMixLearns) {
  const TrainOutcome outcome =
      trained(task_for({"lenet", {}}, kSmallSmoothMix, glyphs(512), 10, 64));
  EXPECT_GT(smoothed_accuracy(outcome), 0.4);
}

TEST(Train, EveryMethodLearns) {
  for (const jobs::TrainMethod& method :
       {jobs::TrainMethod(jobs::StabilityMethod{}),
        jobs::TrainMethod(
            jobs::SmoothAdvMethod{.draws = 2, .steps = 2, .epsilon = 0.25, .warmup_epochs = 2}),
        jobs::TrainMethod(jobs::MacerMethod{.draws = 4, .lambda = 2.0}),
        jobs::TrainMethod(jobs::ConsistencyMethod{.draws = 2, .lambda = 1.0, .eta = 0.5}),
        jobs::TrainMethod(jobs::SmoothMixMethod{.draws = 2,
        .steps = 2,
        .step_size = 0.25,
        .eta = 1.0,
        .warmup_epochs = 2,
        .one_step = true}),
        jobs::TrainMethod(kSmallCatRs)}) {
    TrainTask task = task_for({"linear", {}}, method, glyphs(512), 8, 32);
    task.threads = 1;
    const TrainOutcome outcome = trained(task);
    EXPECT_GT(smoothed_accuracy(outcome), 0.3) << jobs::method_name(method);
  }
}

TEST(Train, TransferLearnsFromTheTeacherWithoutLabels) {
  data::Dataset unlabelled = glyphs(512);
  std::fill(unlabelled.labels.begin(), unlabelled.labels.end(), std::uint16_t{0});
  TrainTask task =
      task_for({"resnet", {{"depth", "8"}}}, jobs::TransferMethod{}, unlabelled, 12, 64);
  task.spec.settings.learning_rate = 0.1;
  task.teacher = teacher().artifact;
  const auto [first, last] = first_and_last_loss(task);
  EXPECT_LT(last, 0.6 * first);
  const TrainOutcome outcome = trained(task);
  EXPECT_GT(smoothed_accuracy(outcome), 0.4);
  ASSERT_TRUE(outcome.transfer.has_value());
  EXPECT_EQ(outcome.transfer->examples, 512);
  // The last batches' distance and the report's are of one size.
  EXPECT_NEAR(outcome.transfer->distance / outcome.final_loss, 1.0, 0.5);
  EXPECT_LE(outcome.transfer->disagreement, outcome.transfer->disagreement_bound);
  EXPECT_FALSE(teacher().transfer.has_value());
}

// Trains in pieces of `steps_at_once` steps, each a fresh run from the checkpoint of the last.
TrainOutcome trained_in_pieces(TrainTask task, int steps_at_once) {
  const fakes::TempFolder folder;
  task.checkpoints = folder.path();
  for (std::int64_t expected_start = 0;; expected_start += steps_at_once) {
    int steps = 0;
    TrainHooks hooks;
    hooks.on_step = [&](const Position&) { ++steps; };
    hooks.should_stop = [&] { return steps >= steps_at_once; };
    const auto outcome = train(task, hooks);
    if (outcome) {
      EXPECT_EQ(outcome->started_from, expected_start);
      return *outcome;
    }
    EXPECT_EQ(outcome.error().kind, base::ErrorKind::unavailable);
    if (expected_start > 1000) throw std::runtime_error("training does not end");
  }
}

class Resume : public testing::TestWithParam<std::string> {
 protected:
  static TrainTask task() {
    const std::string method = GetParam();
    if (method == "catrs") return task_for({"lenet", {}}, kSmallCatRs, glyphs(80), 2, 32);
    if (method == "smoothmix") return task_for({"lenet", {}}, kSmallSmoothMix, glyphs(80), 2, 32);
    TrainTask task =
        task_for({"resnet", {{"depth", "8"}}}, jobs::GaussianMethod{}, glyphs(80), 2, 32);
    if (method == "transfer") {
      task.spec.method = jobs::TransferMethod{.teacher = {}, .alpha = 0.5};
      task.teacher = teacher().artifact;
    }
    return task;
  }
};

INSTANTIATE_TEST_SUITE_P(Methods, Resume,
                         testing::Values("gaussian", "smoothmix", "catrs", "transfer"),
                         [](const auto& method) { return method.param; });

TEST_P(Resume, EndsInTheSameBytesHoweverOftenItWasStopped) {
  const TrainOutcome straight = trained(task());
  ASSERT_EQ(straight.steps, 6);
  for (const int piece : {1, 4}) {
    const TrainOutcome pieces = trained_in_pieces(task(), piece);
    EXPECT_EQ(base::sha256(pieces.artifact), base::sha256(straight.artifact)) << piece;
    EXPECT_EQ(pieces.classifier_id, straight.classifier_id);
    EXPECT_EQ(pieces.final_loss, straight.final_loss);
    EXPECT_EQ(pieces.steps, 6);
  }
}

TEST(Train, AnotherSeedGivesAnotherModel) {
  TrainTask task = task_for({"linear", {}}, jobs::GaussianMethod{}, glyphs(80), 1, 32);
  const TrainOutcome first = trained(task);
  task.spec.seed = 4;
  EXPECT_NE(trained(task).classifier_id, first.classifier_id);
}

TEST(Train, SaysThatItDivergedAndWhere) {
  TrainTask task = task_for({"lenet", {}}, jobs::GaussianMethod{}, glyphs(80), 40, 32);
  task.spec.settings.learning_rate = 1e6;
  const fakes::TempFolder folder;
  task.checkpoints = folder.path();
  const auto outcome = train(task, {});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, base::ErrorKind::numerical);
  EXPECT_THAT(outcome.error().message, HasSubstr("not finite at step"));
}

TEST(Train, RefusesATeacherOfOtherClassesBeforeTheFirstStep) {
  TrainTask task = task_for({"linear", {}}, jobs::TransferMethod{}, glyphs(80), 1, 32);
  task.teacher = teacher().artifact;
  data::Dataset fewer = glyphs(80);
  for (auto& label : fewer.labels) label = static_cast<std::uint16_t>(label % 5);
  fewer.classes = 5;
  task.dataset = &fewer;
  task.model.classes = 5;
  const fakes::TempFolder folder;
  task.checkpoints = folder.path();
  const auto outcome = train(task, {});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, base::ErrorKind::bad_data);
  EXPECT_THAT(outcome.error().message, HasSubstr("the teacher"));
}

TEST(Estimate, TimesStepsAndRefusesTransfer) {
  const jobs::ModelSpec model{.name = "g", .input = kShape, .classes = 10, .sigma = 0.5};
  jobs::TrainSettings settings;
  settings.batch = 32;
  const auto rate =
      estimate_images_per_second({"linear", {}}, model, jobs::GaussianMethod{}, settings, 5, 1);
  ASSERT_TRUE(rate.has_value()) << rate.error().text();
  EXPECT_GT(*rate, 100.0);
  EXPECT_FALSE(
      estimate_images_per_second({"linear", {}}, model, jobs::TransferMethod{}, settings, 5, 1)
          .has_value());
}

}  // namespace
}  // namespace heirloom::train

#include "core/train/train.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/smooth/count_sampler.h"
#include "core/train/estimate.h"
#include "tests/train/tasks.h"

namespace heirloom::train {
namespace {

using testing::HasSubstr;

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
  certificate::Protocol protocol;
  protocol.n0 = 1;
  protocol.n = 20;
  protocol.alpha = 0.001;
  protocol.sigma = 0.25;
  protocol.forward_batch = 20;
  task.protocol = &protocol;
  int right = 0;
  const auto sampled = smooth::sample_counts(
      task, {.on_example =
                 [&](const certificate::ExampleCounts& row) {
                   const auto& counts = row.estimate;
                   const auto best = std::max_element(counts.begin(), counts.end());
                   right += best - counts.begin() == row.label ? 1 : 0;
                   return base::Result<smooth::Next>(smooth::Next::go_on);
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
    EXPECT_EQ(pieces.started_from, 6 - (6 % piece == 0 ? piece : 6 % piece)) << piece;
    expect_same(pieces, straight);
  }
}

TEST(Train, ResumesExactlyWithEverySetting) {
  TrainTask task =
      task_for({"resnet", {{"depth", "8"}}}, jobs::StabilityMethod{}, glyphs(80), 2, 32);
  task.spec.settings.schedule = jobs::Schedule::multistep;
  task.spec.settings.milestones = {1};
  task.spec.settings.label_smoothing = 0.1;
  task.spec.settings.clip_norm = 1.0;
  task.spec.settings.ema_decay = 0.9;
  task.spec.settings.train_precision = jobs::TrainPrecision::bf16;
  task.spec.settings.augment = jobs::Augment::crop_flip;
  const TrainOutcome straight = trained(task);
  for (const int piece : {1, 4}) expect_same(trained_in_pieces(task, piece), straight);
}

// Each option changes what is trained; none of them changes nothing.
TEST(Train, EveryOptionCounts) {
  const auto id_with = [](const auto& change) {
    TrainTask task = task_for({"linear", {}}, jobs::GaussianMethod{}, glyphs(80), 2, 32);
    task.threads = 1;
    change(task.spec.settings);
    return trained(task).classifier_id;
  };
  const std::vector<base::Digest> ids = {
      id_with([](jobs::TrainSettings&) {}),
      id_with([](jobs::TrainSettings& s) { s.momentum = 0.5; }),
      id_with([](jobs::TrainSettings& s) { s.weight_decay = 0.1; }),
      id_with([](jobs::TrainSettings& s) { s.schedule = jobs::Schedule::cosine; }),
      id_with([](jobs::TrainSettings& s) {
        s.schedule = jobs::Schedule::multistep;
        s.milestones = {1};
      }),
      id_with([](jobs::TrainSettings& s) { s.label_smoothing = 0.1; }),
      id_with([](jobs::TrainSettings& s) { s.clip_norm = 0.1; }),
      id_with([](jobs::TrainSettings& s) { s.ema_decay = 0.5; }),
      id_with([](jobs::TrainSettings& s) { s.train_precision = jobs::TrainPrecision::bf16; }),
      id_with([](jobs::TrainSettings& s) { s.augment = jobs::Augment::crop; }),
      id_with([](jobs::TrainSettings& s) { s.augment = jobs::Augment::crop_flip; })};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(ids[i], ids[j]) << i << " " << j;
  }
}

TEST(Train, LearnsInBf16WithAnAverageOfTheWeights) {
  TrainTask task = task_for({"lenet", {}}, jobs::GaussianMethod{}, glyphs(512), 15, 64);
  task.spec.settings.train_precision = jobs::TrainPrecision::bf16;
  task.spec.settings.ema_decay = 0.9;
  EXPECT_GT(smoothed_accuracy(trained(task)), 0.5);
}

TEST(Train, RefusesMilestonesThatDoNotFitTheSchedule) {
  for (const auto& [schedule, milestones] :
       std::vector<std::pair<jobs::Schedule, std::vector<int>>>{{jobs::Schedule::multistep, {}},
                                                                {jobs::Schedule::multistep, {3, 3}},
                                                                {jobs::Schedule::cosine, {1}}}) {
    TrainTask task = task_for({"linear", {}}, jobs::GaussianMethod{}, glyphs(80), 9, 32);
    task.spec.settings.schedule = schedule;
    task.spec.settings.milestones = milestones;
    const fakes::TempFolder folder;
    task.checkpoints = folder.path();
    const auto outcome = train(task, {});
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().kind, base::ErrorKind::usage);
    EXPECT_THAT(outcome.error().message, HasSubstr("milestones"));
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
  task.spec.settings.learning_rate = 100.0;
  task.spec.settings.weight_decay = 1.0;
  task.spec.settings.schedule = jobs::Schedule::constant;
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

TEST(Estimate, TimesStepsAndNeedsATeacherForTransfer) {
  EstimateTask task{.arch = {"linear", {}},
                    .model = {.name = "g", .input = kShape, .classes = 10, .sigma = 0.25},
                    .method = jobs::GaussianMethod{},
                    .settings = {},
                    .teacher = {},
                    .steps = 5};
  task.settings.batch = 32;
  EXPECT_GT(estimate_images_per_second(task).value(), 100.0);
  task.method = jobs::TransferMethod{};
  EXPECT_FALSE(estimate_images_per_second(task).has_value());
  task.teacher = teacher().artifact;
  EXPECT_GT(estimate_images_per_second(task).value(), 10.0);
  task.settings.augment = jobs::Augment::crop_flip;
  EXPECT_GT(estimate_batch_seconds(task).value(), 0.0);
  task.steps = 0;
  EXPECT_FALSE(estimate_batch_seconds(task).has_value());
}

}  // namespace
}  // namespace heirloom::train

// Runs that are lost. A linear classifier under weight decay w and rate r multiplies its weights by
// 1 - r w each step: beyond 2 they grow without end, whatever the data and the last bits are, and
// at half or a quarter of the rate they do not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/train/tasks.h"

namespace heirloom::train {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// Two steps an epoch.
TrainTask task_with_rate(double rate) {
  TrainTask task = task_for({"linear", {}}, jobs::GaussianMethod{}, glyphs(64), 150, 32);
  task.threads = 1;
  task.spec.settings.learning_rate = rate;
  task.spec.settings.weight_decay = 1.0;
  task.spec.settings.momentum = 0.0;
  task.spec.settings.schedule = jobs::Schedule::constant;
  return task;
}

struct Ended {
  base::Result<TrainOutcome> outcome;
  std::vector<std::string> warnings;
};

Ended run(TrainTask task) {
  const fakes::TempFolder folder;
  task.checkpoints = folder.path();
  std::vector<std::string> warnings;
  TrainHooks hooks;
  hooks.on_warning = [&](const std::string& words) { warnings.push_back(words); };
  auto outcome = train(task, hooks);
  return {std::move(outcome), std::move(warnings)};
}

TEST(Recovery, IsNotNeededByASoundRun) {
  const Ended sound = run(task_with_rate(0.5));
  ASSERT_TRUE(sound.outcome.has_value());
  EXPECT_EQ(sound.outcome->recoveries, 0);
  EXPECT_TRUE(sound.warnings.empty());
}

TEST(Recovery, GoesOnAtHalfTheRateAfterWeightsThatAreNotFinite) {
  const Ended lost = run(task_with_rate(3.6));
  ASSERT_TRUE(lost.outcome.has_value()) << lost.outcome.error().text();
  EXPECT_EQ(lost.outcome->recoveries, 1);
  EXPECT_EQ(lost.outcome->steps, 300);
  EXPECT_THAT(lost.warnings,
              ElementsAre(AllOf(HasSubstr("training diverged"), HasSubstr("to step 0, at half"))));
}

TEST(Recovery, GoesOnAtHalfTheRateAfterALossThatOnlyGrows) {
  const Ended lost = run(task_with_rate(2.2));
  ASSERT_TRUE(lost.outcome.has_value()) << lost.outcome.error().text();
  EXPECT_EQ(lost.outcome->recoveries, 1);
  EXPECT_THAT(lost.warnings, ElementsAre(HasSubstr("the loss has risen to")));
}

TEST(Recovery, EndsAsARunAtTheLowerRateFromTheStart) {
  const Ended lost = run(task_with_rate(3.6));
  const Ended sound = run(task_with_rate(1.8));
  ASSERT_TRUE(lost.outcome.has_value() && sound.outcome.has_value());
  EXPECT_EQ(sound.outcome->recoveries, 0);
  EXPECT_EQ(lost.outcome->classifier_id, sound.outcome->classifier_id);
}

TEST(Recovery, FailsWithTheReasonWhenTheSecondHalvingDoesNotHelp) {
  const Ended lost = run(task_with_rate(20.0));
  ASSERT_FALSE(lost.outcome.has_value());
  EXPECT_EQ(lost.outcome.error().kind, base::ErrorKind::numerical);
  EXPECT_THAT(lost.outcome.error().message,
              AllOf(HasSubstr("training diverged"), HasSubstr("also after 2 times going back")));
  EXPECT_EQ(lost.warnings.size(), 2U);
}

TEST(Recovery, EndsInTheSameBytesHoweverOftenItWasStopped) {
  TrainTask task = task_with_rate(3.6);
  task.spec.settings.ema_decay = 0.9;
  const TrainOutcome straight = trained(task);
  ASSERT_EQ(straight.recoveries, 1);
  // Pieces that end before, between and after the loss of the run and the way back.
  for (const int piece : {7, 60, 101}) expect_same(trained_in_pieces(task, piece), straight);
}

}  // namespace
}  // namespace heirloom::train

#include "core/train/schedule.h"

#include <cmath>

#include <gtest/gtest.h>

namespace heirloom::train {
namespace {

jobs::TrainSettings with(jobs::Schedule schedule) {
  jobs::TrainSettings settings;
  settings.learning_rate = 0.2;
  settings.schedule = schedule;
  return settings;
}

TEST(Schedule, ConstantDoesNotChange) {
  EXPECT_EQ(learning_rate(with(jobs::Schedule::constant), 0, 100), 0.2);
  EXPECT_EQ(learning_rate(with(jobs::Schedule::constant), 99, 100), 0.2);
}

TEST(Schedule, StepFallsByTenAtHalfAndAtThreeQuarters) {
  const auto settings = with(jobs::Schedule::step);
  EXPECT_DOUBLE_EQ(learning_rate(settings, 49, 100), 0.2);
  EXPECT_DOUBLE_EQ(learning_rate(settings, 50, 100), 0.02);
  EXPECT_DOUBLE_EQ(learning_rate(settings, 74, 100), 0.02);
  EXPECT_DOUBLE_EQ(learning_rate(settings, 75, 100), 0.002);
}

TEST(Schedule, MultistepFallsAtEachMilestone) {
  auto settings = with(jobs::Schedule::multistep);
  settings.epochs = 90;
  settings.milestones = {30, 60};
  settings.milestone_factor = 0.5;
  // Seven steps an epoch.
  EXPECT_DOUBLE_EQ(learning_rate(settings, 0, 630), 0.2);
  EXPECT_DOUBLE_EQ(learning_rate(settings, 30 * 7 - 1, 630), 0.2);
  EXPECT_DOUBLE_EQ(learning_rate(settings, 30 * 7, 630), 0.1);
  EXPECT_DOUBLE_EQ(learning_rate(settings, 60 * 7 - 1, 630), 0.1);
  EXPECT_DOUBLE_EQ(learning_rate(settings, 60 * 7, 630), 0.05);
  EXPECT_DOUBLE_EQ(learning_rate(settings, 629, 630), 0.05);
}

TEST(Schedule, CosineFallsToNothingWithoutAWarmUp) {
  const auto settings = with(jobs::Schedule::cosine);
  EXPECT_DOUBLE_EQ(learning_rate(settings, 0, 100), 0.2);
  EXPECT_NEAR(learning_rate(settings, 25, 100), 0.1 * (1.0 + std::sqrt(0.5)), 1e-12);
  EXPECT_NEAR(learning_rate(settings, 50, 100), 0.1, 1e-12);
  EXPECT_GT(learning_rate(settings, 99, 100), 0.0);
  EXPECT_LT(learning_rate(settings, 99, 100), 0.001);
}

TEST(Schedule, OneCycleRisesToTheRateAndFallsToNothing) {
  const auto settings = with(jobs::Schedule::one_cycle);
  EXPECT_NEAR(learning_rate(settings, 0, 100), 0.2 / 30, 1e-12);
  EXPECT_NEAR(learning_rate(settings, 14, 100), 0.1, 1e-12);
  EXPECT_NEAR(learning_rate(settings, 29, 100), 0.2, 1e-12);
  EXPECT_NEAR(learning_rate(settings, 30, 100), 0.2, 1e-12);
  EXPECT_NEAR(learning_rate(settings, 65, 100), 0.1, 1e-12);
  EXPECT_LT(learning_rate(settings, 99, 100), 0.001);
  for (std::int64_t step = 0; step < 100; ++step) {
    EXPECT_GT(learning_rate(settings, step, 100), 0.0);
    EXPECT_LE(learning_rate(settings, step, 100), 0.2);
  }
}

TEST(Schedule, AShortRunHasARateToo) {
  for (const std::int64_t total : {1, 2, 3}) {
    for (std::int64_t step = 0; step < total; ++step) {
      EXPECT_GT(learning_rate(with(jobs::Schedule::one_cycle), step, total), 0.0) << total;
    }
  }
}

}  // namespace
}  // namespace heirloom::train

#include "core/train/loss_guard.h"

#include <cmath>
#include <functional>
#include <optional>

#include <gtest/gtest.h>

namespace heirloom::train {
namespace {

// The step (from 1) at which the guard says that a run with these losses is lost.
std::optional<int> lost_at(const std::function<double(int)>& loss, int steps = 2000) {
  LossGuard guard;
  for (int step = 1; step <= steps; ++step) {
    if (guard.observe(loss(step))) return step;
  }
  return std::nullopt;
}

double noise(int step) {
  return 1.0 + 0.5 * std::sin(12.9898 * step);
}

TEST(LossGuard, LetsARunBeThatLearnsWithNoise) {
  EXPECT_EQ(lost_at([](int step) { return 2.3 * std::exp(-step / 200.0) * noise(step); }),
            std::nullopt);
}

TEST(LossGuard, LetsARunBeThatNeverLearnsAnything) {
  EXPECT_EQ(lost_at([](int step) { return 2.3 * noise(step); }), std::nullopt);
}

TEST(LossGuard, LetsAShortSpikeAndADriftBelowTheBeginningBe) {
  EXPECT_EQ(lost_at([](int step) {
              return step > 500 && step < 580 ? 5.0 : step < 50 ? 2.3 : 0.3;
            }),
            std::nullopt);
  EXPECT_EQ(lost_at([](int step) { return step < 50    ? 2.3
                                          : step < 500 ? 0.1
                                                       : 2.0; }),
            std::nullopt);
}

TEST(LossGuard, SeesANetworkThatFellBackToGuessing) {
  const auto lost = lost_at([](int step) { return step < 50 ? 2.35 : step < 500 ? 0.3 : 2.303; });
  ASSERT_TRUE(lost.has_value());
  EXPECT_GE(*lost, 600);  // a hundred steps on end, after the running mean came up
  EXPECT_LT(*lost, 640);
}

TEST(LossGuard, SeesALossThatGrowsFromTheStart) {
  const auto lost = lost_at([](int step) { return std::pow(1.05, step); });
  ASSERT_TRUE(lost.has_value());
  EXPECT_GT(*lost, 110);
  EXPECT_LT(*lost, 200);
}

TEST(LossGuard, GoesOnFromItsState) {
  const auto loss = [](int step) { return step < 50 ? 2.35 : step < 500 ? 0.3 : 2.303; };
  const int lost = *lost_at(loss);
  for (const int cut : {3, 10, 11, 300, 550, lost - 1}) {
    LossGuard before;
    for (int step = 1; step <= cut; ++step) before.observe(loss(step));
    LossGuard after;
    after.restore(before.state());
    EXPECT_EQ(after.calm(), before.calm());
    for (int step = cut + 1; step < lost; ++step) ASSERT_FALSE(after.observe(loss(step))) << cut;
    EXPECT_TRUE(after.observe(loss(lost))) << cut;
  }
}

}  // namespace
}  // namespace heirloom::train

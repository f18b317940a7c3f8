#include "core/data/sampler.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace heirloom::data {
namespace {

TEST(Sampler, VisitsEveryExampleOnce) {
  std::vector<std::uint32_t> order = epoch_order(1, 0, 1000);
  std::sort(order.begin(), order.end());
  for (std::uint32_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i);
}

TEST(Sampler, IsAFunctionOfSeedAndEpoch) {
  EXPECT_EQ(epoch_order(1, 3, 100), epoch_order(1, 3, 100));
  EXPECT_NE(epoch_order(1, 3, 100), epoch_order(1, 4, 100));
  EXPECT_NE(epoch_order(1, 3, 100), epoch_order(2, 3, 100));
}

TEST(Sampler, PutsEachExampleAnywhereWithTheSameChance) {
  std::vector<int> first(5, 0);
  for (std::int64_t epoch = 0; epoch < 5000; ++epoch) ++first[epoch_order(1, epoch, 5)[0]];
  for (const int count : first) EXPECT_NEAR(count, 1000, 130);
}

}  // namespace
}  // namespace heirloom::data

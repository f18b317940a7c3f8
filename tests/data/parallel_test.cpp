#include "core/data/parallel.h"

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace heirloom::data {
namespace {

base::Result<void> failing_at(std::size_t i) {
  return base::fail(base::ErrorKind::bad_data, std::to_string(i));
}

TEST(Parallel, VisitsEveryItemOnce) {
  for (const int threads : {1, 2, 5}) {
    std::vector<std::atomic<int>> visits(1000);
    const auto done = for_each_item(visits.size(), threads, [&](std::size_t i) {
      ++visits[i];
      return base::Result<void>{};
    });
    EXPECT_TRUE(done.has_value());
    for (const auto& count : visits) EXPECT_EQ(count.load(), 1);
  }
}

TEST(Parallel, ReportsTheFirstItemThatFailsWhateverTheThreads) {
  for (const int threads : {1, 2, 8}) {
    for (int round = 0; round < 20; ++round) {
      const auto done = for_each_item(1000, threads, [](std::size_t i) {
        return i == 307 || i >= 310 ? failing_at(i) : base::Result<void>{};
      });
      ASSERT_FALSE(done.has_value());
      EXPECT_EQ(done.error().message, "307") << threads;
    }
  }
}

TEST(Parallel, ThrowsOnTheCallersThreadWhatTheWorkThrows) {
  const auto work = [](std::size_t i) -> base::Result<void> {
    if (i == 500) throw std::runtime_error("no memory");
    return {};
  };
  EXPECT_THROW(static_cast<void>(for_each_item(1000, 3, work)), std::runtime_error);
}

TEST(Parallel, HasNothingToDoForNoItems) {
  EXPECT_TRUE(for_each_item(0, 4, failing_at).has_value());
}

}  // namespace
}  // namespace heirloom::data

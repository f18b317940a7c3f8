#include "core/base/clock.h"

#include <gtest/gtest.h>

namespace heirloom::base {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

TEST(Clock, WritesUtcWithMilliseconds) {
  EXPECT_EQ(to_iso8601(system_clock::time_point(milliseconds(1'764'000'000'007))),
            "2025-11-24T16:00:00.007Z");
  EXPECT_EQ(to_iso8601(system_clock::time_point(milliseconds(0))), "1970-01-01T00:00:00.000Z");
}

TEST(Clock, RoundsTimesBeforeTheEpochDownAndKeepsMillisecondsPositive) {
  EXPECT_EQ(to_iso8601(system_clock::time_point(milliseconds(-1))), "1969-12-31T23:59:59.999Z");
}

TEST(Clock, SteadyTimeDoesNotGoBack) {
  const SystemClock clock;
  const auto first = clock.steady();
  EXPECT_LE(first, clock.steady());
}

}  // namespace
}  // namespace heirloom::base

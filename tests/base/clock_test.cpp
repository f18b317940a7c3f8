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

TEST(Clock, ReadsDaysAndTimesAsPeopleWriteThem) {
  EXPECT_EQ(parse_instant("2026-11-01"), "2026-11-01T00:00:00.000Z");
  EXPECT_EQ(parse_instant("2026-11-01T09:30"), "2026-11-01T09:30:00.000Z");
  EXPECT_EQ(parse_instant("2026-11-01 09:30:05Z"), "2026-11-01T09:30:05.000Z");
  EXPECT_EQ(parse_instant("2026-11-01T09:30:05.25"), "2026-11-01T09:30:05.250Z");
  EXPECT_EQ(parse_instant("2026-11-01T09:30:05.1239Z"), "2026-11-01T09:30:05.123Z");
  const std::string written = to_iso8601(system_clock::time_point(milliseconds(1'764'000'000'007)));
  EXPECT_EQ(parse_instant(written), written);
}

TEST(Clock, RefusesWhatIsNoDateOrTime) {
  for (const char* bad :
       {"", "today", "2026-11", "2026-02-29", "2026-13-01", "2026-11-01T", "2026-11-01T24:00",
        "2026-11-01T9:30", "2026-11-01T09:30:60", "2026-11-01T09:30:05.", "2026-11-01T09:30+01:00",
        "2026-11-01T09:30ZZ", "20261101"}) {
    EXPECT_FALSE(parse_instant(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace heirloom::base

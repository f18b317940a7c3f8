#include "cli/exit_code.h"

#include <gtest/gtest.h>

#include "cli/api_client.h"
#include "cli/wait.h"

namespace heirloom::cli {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

TEST(ExitCodes, AreTheDocumentedNumbers) {
  EXPECT_EQ(static_cast<int>(exit_code_for(ErrorKind::usage)), 2);
  EXPECT_EQ(static_cast<int>(exit_code_for(ErrorKind::not_found)), 5);
  EXPECT_EQ(static_cast<int>(exit_code_for(ErrorKind::unavailable)), 6);
  EXPECT_EQ(static_cast<int>(exit_code_for(ErrorKind::conflict)), 7);
  for (const ErrorKind other : {ErrorKind::bad_data, ErrorKind::numerical, ErrorKind::io,
                                ErrorKind::unsupported, ErrorKind::tampered, ErrorKind::internal}) {
    EXPECT_EQ(static_cast<int>(exit_code_for(other)), 1) << base::to_string(other);
  }
}

TEST(ExitCodes, AVerdictIsToldApart) {
  EXPECT_EQ(static_cast<int>(exit_code_for_verdict("promoted")), 0);
  EXPECT_EQ(static_cast<int>(exit_code_for_verdict("rejected")), 3);
  EXPECT_EQ(static_cast<int>(exit_code_for_verdict("held")), 4);
  EXPECT_EQ(static_cast<int>(exit_code_for_verdict("error")), 1);
  EXPECT_EQ(static_cast<int>(exit_code_for_verdict("failed")), 1);
}

TEST(RequestTarget, EncodesWhatUsersWroteAndLeavesOutEmptyParameters) {
  EXPECT_EQ(request_target({"v1", "models", "a/b?c", "history"},
                           {{"metric", "certified_accuracy@0.50"}, {"model", ""}, {"n", "1&2"}}),
            "/v1/models/a%2Fb%3Fc/history?metric=certified_accuracy%400.50&n=1%262");
}

WaitLimits quick() {
  WaitLimits limits;
  limits.first_pause = milliseconds(1);
  limits.longest_pause = milliseconds(2);
  limits.grace = milliseconds(50);
  return limits;
}

base::Result<bool> away() {
  return base::fail(ErrorKind::unavailable, "away");
}

TEST(Wait, ForgivesADaemonThatIsBeingRestarted) {
  int looks = 0;
  const auto waited = wait_until(
      [&]() -> base::Result<bool> {
        ++looks;
        if (looks == 2 || looks == 3) return away();
        return looks == 4;
      },
      quick());
  ASSERT_TRUE(waited.has_value());
  EXPECT_EQ(*waited, Waited::done);
  EXPECT_EQ(looks, 4);
}

TEST(Wait, DoesNotForgiveADaemonThatWasNeverThere) {
  int looks = 0;
  const auto waited = wait_until(
      [&] {
        ++looks;
        return away();
      },
      quick());
  ASSERT_FALSE(waited.has_value());
  EXPECT_EQ(waited.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(looks, 1);
}

TEST(Wait, GivesUpOnADaemonThatStaysAway) {
  int looks = 0;
  const auto waited = wait_until(
      [&]() -> base::Result<bool> {
        if (++looks == 1) return false;
        return away();
      },
      quick());
  EXPECT_FALSE(waited.has_value());
}

TEST(Wait, EndsAtItsTimeout) {
  WaitLimits limits = quick();
  limits.timeout = 0.02;
  const auto waited = wait_until([]() -> base::Result<bool> { return false; }, limits);
  ASSERT_TRUE(waited.has_value());
  EXPECT_EQ(*waited, Waited::timed_out);
}

}  // namespace
}  // namespace heirloom::cli

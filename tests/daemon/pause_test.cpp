// A paused model, or daemon, starts no job; what runs goes on.
#include <gmock/gmock.h>

#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using registry::State;
using testing::HasSubstr;

class Pausing : public PipelineHarness {
 protected:
  base::Result<void> pause(const std::optional<std::string>& model) {
    return set_paused(*registry, model, true, "moving disks", "uid:7");
  }
  base::Result<void> resume(const std::optional<std::string>& model) {
    auto resumed = set_paused(*registry, model, false, "", "uid:7");
    pipeline->step();
    return resumed;
  }
};

TEST_F(Pausing, HoldsBackOneModelUntilItIsResumed) {
  apply_policy_text();
  ASSERT_TRUE(pause("digits").has_value());
  ask_version("v1");  // is taken, and waits
  EXPECT_EQ(runner->launches, 0);
  start();  // a pause outlives the daemon
  EXPECT_EQ(runner->launches, 0);
  EXPECT_EQ(registry->pauses.current(1)->reason, "moving disks");
  ASSERT_TRUE(resume("digits").has_value());
  EXPECT_EQ(runner->launches, 1);
  expect_intact_chain();
}

TEST_F(Pausing, LetsWhatRunsGoOnAndStartsNothingAfterIt) {
  bring_to_training();
  ASSERT_TRUE(pause(std::nullopt).has_value());
  play_training("weights");
  EXPECT_EQ(generation(1).state, State::certifying);
  EXPECT_EQ(runner->only_job(), -1);
  ASSERT_TRUE(resume(std::nullopt).has_value());
  play_certification(200);
  EXPECT_EQ(champion(), "g1");
}

TEST_F(Pausing, OfAModelIsNotThatOfTheDaemon) {
  apply_policy_text();
  ASSERT_TRUE(pause("digits").has_value());
  EXPECT_FALSE(registry->pauses.current(std::nullopt).has_value());
  ASSERT_TRUE(pause(std::nullopt).has_value());
  ASSERT_TRUE(resume(std::nullopt).has_value());
  EXPECT_TRUE(registry->pauses.current(1).has_value());
}

TEST_F(Pausing, SaysWhatCannotBe) {
  apply_policy_text();
  EXPECT_EQ(resume("digits").error().kind, base::ErrorKind::conflict);
  EXPECT_EQ(pause("cats").error().kind, base::ErrorKind::not_found);
  const auto silent = set_paused(*registry, std::nullopt, true, "", "uid:7");
  EXPECT_EQ(silent.error().kind, base::ErrorKind::usage);
  ASSERT_TRUE(pause("digits").has_value());
  EXPECT_THAT(pause("digits").error().message, HasSubstr("already paused"));
}

}  // namespace
}  // namespace heirloom::daemon

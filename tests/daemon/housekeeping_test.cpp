#include "daemon/housekeeping.h"

#include <gmock/gmock.h>

#include "tests/daemon/pipeline_harness.h"

namespace heirloom::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Housekeeping : public PipelineHarness {
 protected:
  // g1, then g2 are promoted; g3 is being trained.
  void SetUp() override {
    bring_to_training();
    play_training("weights of g1");
    play_certification(200);
    ask_version("v2");
    play_version();
    play_training("weights of g2");
    play_certification(200);
    ask_version("v3");
    play_version();
    ASSERT_EQ(champion(), "g2");
  }

  std::vector<std::filesystem::path> cleaned(bool dry_run = false,
                                             std::chrono::seconds older_than = {}) {
    std::vector<std::filesystem::path> out;
    const auto found = clean(*registry, *state, {older_than, dry_run}, "uid:7").value();
    for (const auto& item : found) {
      out.push_back(item.path);
    }
    return out;
  }
  std::filesystem::path copy_of_g1() const { return folder.path() / "models/digits/g1"; }
};

TEST_F(Housekeeping, TakesOrphansAndCopiesAndNothingThatIsNamed) {
  const auto orphan = registry->artifacts.path(registry->artifacts.put("left by a crash").value());
  const auto half = orphan.parent_path() / ".tmp-half-written";
  fakes::write_file(half, "half");
  std::filesystem::create_directories(state->job(99));
  fakes::write_file(state->job(99) / "job.json", "{}");
  EXPECT_THAT(cleaned(/*dry_run=*/true), testing::Contains(orphan));
  EXPECT_TRUE(std::filesystem::exists(orphan)) << "a dry run removes nothing";
  EXPECT_THAT(cleaned(false, std::chrono::hours(1)), IsEmpty()) << "all of it is young";
  const auto removed = cleaned();
  EXPECT_THAT(removed, testing::UnorderedElementsAre(orphan, half, state->job(99), copy_of_g1()));
  for (const auto& path : removed) EXPECT_FALSE(std::filesystem::exists(path)) << path;
  EXPECT_THAT(cleaned(), IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(state->job(runner->only_job()))) << "g3 is being trained";
  // Everything that a row names is still there: g3 is taught, certified, judged and published.
  play_training("weights of g3");
  play_certification(200);
  EXPECT_EQ(champion(), "g3");
  for (const int number : {1, 2, 3}) {
    EXPECT_TRUE(registry->artifacts.get(*generation(number).model_sha256).has_value());
  }
  expect_intact_chain();
}

TEST_F(Housekeeping, TheEventSaysWhoAndHowMuch) {
  cleaned();
  const auto events = registry->audit.list(0, 1000, std::nullopt);
  EXPECT_EQ(events.back().kind, "gc.done");
  EXPECT_EQ(events.back().actor, "uid:7");
}

}  // namespace
}  // namespace heirloom::daemon

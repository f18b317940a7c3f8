#include "core/train/checkpoint_store.h"

#include <gtest/gtest.h>

#include "tests/fakes/temp_folder.h"

namespace heirloom::train {
namespace {

using std::chrono::milliseconds;

const base::Digest kJob = base::sha256("job");

Checkpoint at(std::int64_t step) {
  return {.step = step,
          .worked = milliseconds(10 * step),
          .state = "state\n" + std::to_string(step) + std::string("\0x", 2)};
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

std::optional<Checkpoint> newest(const std::filesystem::path& folder, int* skipped = nullptr) {
  return CheckpointStore(folder, kJob).load_newest([&](const std::string&) {
    if (skipped != nullptr) ++*skipped;
  });
}

TEST(CheckpointStore, ReadsTheNewestAndKeepsTwo) {
  const fakes::TempFolder folder;
  CheckpointStore store(folder.path(), kJob);
  EXPECT_FALSE(newest(folder.path()).has_value());
  for (const std::int64_t step : {9, 10, 200}) ASSERT_TRUE(store.save(at(step)).has_value());
  EXPECT_EQ(files_in(folder.path()), 2U);
  const auto found = newest(folder.path());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->step, 200);
  EXPECT_EQ(found->worked, milliseconds(2000));
  EXPECT_EQ(found->state, at(200).state);
}

TEST(CheckpointStore, FallsBackToTheOlderOneForEachDamagedByte) {
  const fakes::TempFolder folder;
  CheckpointStore store(folder.path(), kJob);
  ASSERT_TRUE(store.save(at(1)).has_value());
  ASSERT_TRUE(store.save(at(2)).has_value());
  const auto path = folder / "step-000000000002.checkpoint";
  const std::string whole = base::read_file(path, 10000).value();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    fakes::write_file(path, damaged);
    int skipped = 0;
    const auto found = newest(folder.path(), &skipped);
    ASSERT_TRUE(found.has_value()) << i;
    ASSERT_EQ(found->step, 1) << "byte " << i;
    ASSERT_EQ(skipped, 1);
  }
  fakes::write_file(path, whole.substr(0, whole.size() - 1));
  EXPECT_EQ(newest(folder.path())->step, 1);
}

TEST(CheckpointStore, ReadsNoCheckpointOfAnotherJob) {
  const fakes::TempFolder folder;
  CheckpointStore other(folder.path(), base::sha256("another job"));
  ASSERT_TRUE(other.save(at(1)).has_value());
  EXPECT_FALSE(newest(folder.path()).has_value());
}

// Files that cannot be read, or are another job's, name later steps: newest by name, useless.
TEST(CheckpointStore, IsNotPushedOutByLaterStepsThatWerePassedOver) {
  const fakes::TempFolder folder;
  CheckpointStore other(folder.path(), base::sha256("another job"));
  for (const std::int64_t step : {500, 501}) ASSERT_TRUE(other.save(at(step)).has_value());
  CheckpointStore store(folder.path(), kJob);
  for (const std::int64_t step : {1, 2, 3}) {
    ASSERT_TRUE(store.save(at(step)).has_value());
    const auto found = newest(folder.path());
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->step, step);
  }
  EXPECT_EQ(files_in(folder.path()), 2U);
}

}  // namespace
}  // namespace heirloom::train

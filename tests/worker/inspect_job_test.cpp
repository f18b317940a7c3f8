#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/worker/job_run.h"

namespace heirloom::worker {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(WorkerJob, ExitsWith64WhenJobJsonIsMissingOrWrong) {
  const fakes::TempFolder folder;
  EXPECT_EQ(run_worker(folder.path()), 64);
  fakes::write_file(folder / "job.json", "{\"contract\": 1}");
  EXPECT_EQ(run_worker(folder.path()), 64);
  fakes::write_file(folder / "job.json", "no json");
  EXPECT_EQ(run_worker(folder.path()), 64);
  EXPECT_FALSE(std::filesystem::exists(folder / "result.json"));
}

TEST(InspectVersionJob, CountsTheParameters) {
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(jobs::InspectVersion{{"lenet", {}}, ""}, 3));
  ASSERT_EQ(run_worker(folder.path()), 0);
  EXPECT_EQ(outcome_in<jobs::VersionInspected>(folder.path()).parameters, 431080U);
  const jobs::JobResult result = result_in(folder.path());
  EXPECT_EQ(result.job_id, 5);
  EXPECT_EQ(result.attempt, 3);
  EXPECT_EQ(result.epoch, 2);
}

TEST(WorkerJob, SaysClearlyThatThereIsNoCudaDevice) {
  if (std::filesystem::exists("/dev/nvidiactl")) GTEST_SKIP() << "this machine may have one";
  const fakes::TempFolder folder;
  jobs::Job job = job_with(jobs::InspectVersion{{"lenet", {}}});
  job.device = jobs::Device::cuda;
  write_job(folder.path(), job);
  EXPECT_EQ(run_worker(folder.path()), 64);
  EXPECT_THAT(result_in(folder.path()).outcome.error().text(),
              AllOf(HasSubstr("no CUDA device"), HasSubstr("device: cpu")));
}

TEST(InspectVersionJob, RefusesAnUnknownArchitectureInWords) {
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(jobs::InspectVersion{{"lnet", {}}, ""}));
  EXPECT_EQ(run_worker(folder.path()), 64);
  const jobs::JobResult result = result_in(folder.path());
  ASSERT_FALSE(result.outcome.has_value());
  EXPECT_THAT(result.outcome.error().text(), HasSubstr("did you mean lenet"));
}

TEST(InspectVersionJob, PinsAndChecksTheFileOfWeights) {
  const fakes::TempFolder trained;
  write_job(trained.path(), job_with(train_task("linear", 1)));
  ASSERT_EQ(run_worker(trained.path()), 0);
  const auto file = trained / "out/weights.safetensors";
  const fakes::TempFolder good;
  write_job(good.path(), job_with(jobs::InspectVersion{{"linear", {}}, file.native()}));
  ASSERT_EQ(run_worker(good.path()), 0);
  const std::string bytes = base::read_file(file, 1 << 24).value();
  const jobs::FileRef pinned{file.native(), base::sha256(bytes), bytes.size()};
  const auto kept = outcome_in<jobs::VersionInspected>(good.path()).file;
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->sha256, pinned.sha256);
  EXPECT_EQ(base::read_file(good / "out" / kept->name, 1 << 24).value(), bytes);

  const fakes::TempFolder other;
  write_job(other.path(), job_with(jobs::InspectVersion{{"mlp", {}}, file.native()}));
  EXPECT_EQ(run_worker(other.path()), 65);
  EXPECT_THAT(result_in(other.path()).outcome.error().message,
              HasSubstr("has the shape [10, 784], not [10, 512]"));

  const fakes::TempFolder changed;
  jobs::Train train = train_task("linear", 1);
  train.file = pinned;
  fakes::write_file(file, bytes + " ");
  write_job(changed.path(), job_with(train));
  EXPECT_EQ(run_worker(changed.path()), 65);
}

// What is in it is not looked at: these bytes would be refused in other words.
TEST(InspectVersionJob, OpensNoFileButTheOneThatWasSigned) {
  const fakes::TempFolder folder;
  const auto file = folder / "net.pt";
  fakes::write_file(file, "swapped");
  const jobs::ArchSpec module{std::string(jobs::kTorchScript), {}};
  write_job(folder.path(),
            job_with(jobs::InspectVersion{module, file.native(), base::sha256("signed")}));
  EXPECT_EQ(run_worker(folder.path()), 65);
  EXPECT_THAT(result_in(folder.path()).outcome.error().message,
              HasSubstr("the signature is for " + base::sha256("signed").hex()));
}

jobs::InspectSnapshot snapshot(const std::string& train, const std::string& holdout) {
  jobs::InspectSnapshot task;
  task.train = {jobs::DataFormat::glyphs, {train}};
  task.has_holdout = !holdout.empty();
  task.holdout = {jobs::DataFormat::glyphs, {holdout}};
  return task;
}

TEST(InspectSnapshotJob, DescribesBothPartsAndListsTheHoldoutsDigests) {
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(snapshot("1:40", "2:30")));
  ASSERT_EQ(run_worker(folder.path()), 0);
  const auto found = outcome_in<jobs::SnapshotInspected>(folder.path());
  EXPECT_EQ(found.train, glyphs_part("1:40"));
  EXPECT_EQ(found.holdout, glyphs_part("2:30"));
  const std::string digests = base::read_file(folder / "out/holdout.digests", 10000).value();
  ASSERT_EQ(digests.size(), 30U * 32U);
  EXPECT_EQ(found.example_digests.sha256, base::sha256(digests));
  std::vector<base::Digest> examples(30);
  for (std::size_t i = 0; i < 30; ++i) {
    std::copy_n(digests.begin() + static_cast<std::ptrdiff_t>(32 * i), 32,
                examples[i].bytes.begin());
  }
  EXPECT_EQ(found.holdout_id, jobs::holdout_id(examples));
}

TEST(InspectSnapshotJob, RefusesAHoldoutThatIsTrainedOn) {
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(snapshot("1:40", "1:10")));
  EXPECT_EQ(run_worker(folder.path()), 65);
  EXPECT_THAT(result_in(folder.path()).outcome.error().message,
              AllOf(HasSubstr("image 0 of the train"), HasSubstr("image 0 of the holdout")));
  EXPECT_FALSE(std::filesystem::exists(folder / "out/holdout.digests"));
}

TEST(InspectSnapshotJob, NamesTheFileThatIsNotThere) {
  const fakes::TempFolder folder;
  jobs::InspectSnapshot task = snapshot("1:40", "");
  task.train = {jobs::DataFormat::idx, {"/nowhere/images", "/nowhere/labels"}};
  write_job(folder.path(), job_with(task));
  EXPECT_EQ(run_worker(folder.path()), 65);
  EXPECT_THAT(result_in(folder.path()).outcome.error().message, HasSubstr("/nowhere/images"));
}

}  // namespace
}  // namespace heirloom::worker

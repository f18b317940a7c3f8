// A worker that runs into its limits: an attempt that failed in words, to be tried again.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/sandbox/confinement.h"
#include "tests/worker/job_run.h"

namespace heirloom::worker {
namespace {

using testing::HasSubstr;

class WorkerLimits : public testing::Test {
 protected:
  void TearDown() override { ::unsetenv(sandbox::kConfinementVariable); }

  int run(const sandbox::Limits& limits) const {
    const std::string text = sandbox::to_text({sandbox::Mode::best_effort, limits});
    ::setenv(sandbox::kConfinementVariable, text.c_str(), 1);
    return run_worker(folder_.path());
  }
  base::Error error() const { return result_in(folder_.path()).outcome.error(); }

  const fakes::TempFolder folder_;
};

// A perceptron whose weights take 25 MB.
jobs::Train wide() {
  jobs::Train train = train_task("mlp", 1);
  train.arch.parameters = {{"depth", "1"}, {"width", "8000"}};
  return train;
}

TEST_F(WorkerLimits, OutOfMemoryIsAnAttemptThatFailedInWords) {
  // A gigabyte of weights.
  const jobs::ArchSpec huge{"mlp", {{"depth", "2"}, {"width", "16384"}}};
  write_job(folder_.path(), job_with(jobs::InspectVersion{huge}));
  EXPECT_EQ(run({.memory_mib = 700}), 75);
  EXPECT_EQ(error().kind, base::ErrorKind::unavailable);
  EXPECT_THAT(error().text(), HasSubstr("memory"));
}

// As a full disk or a quota would: what was there stays, and nothing half-written is left.
TEST_F(WorkerLimits, AFileThatGrowsTooLargeIsLikeAFullDisk) {
  write_job(folder_.path(), job_with(wide()));
  EXPECT_EQ(run({.file_mib = 4}), 75);
  EXPECT_EQ(error().kind, base::ErrorKind::io);
  EXPECT_THAT(error().text(), HasSubstr("File too large"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_LT(entry.file_size(), 1U << 20) << entry.path();
  }
  EXPECT_EQ(run({}), 0);
}

TEST_F(WorkerLimits, WhatIsOnlyHalfUnderstoodRunsNothing) {
  write_job(folder_.path(), job_with(jobs::InspectVersion{{"linear", {}}}));
  ::setenv(sandbox::kConfinementVariable, "mode=required", 1);
  EXPECT_EQ(run_worker(folder_.path()), 64);
  EXPECT_THAT(error().text(), HasSubstr(sandbox::kConfinementVariable));
}

TEST_F(WorkerLimits, CpuTimeEndsTheProcess) {
  write_job(folder_.path(), job_with(train_task("lenet", 10000)));
  EXPECT_EQ(run({.cpu_seconds = 2}), -SIGXCPU);
}

}  // namespace
}  // namespace heirloom::worker

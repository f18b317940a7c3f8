#include <cstdlib>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/sandbox/confinement.h"
#include "tests/fakes/without_landlock.h"
#include "tests/worker/job_run.h"

namespace heirloom::worker {
namespace {

TEST(WorkerProcess, DiesWithTheProcessThatStartedIt) {
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(train_task("lenet", 500)));
  // Orphans come to this process instead of init, so that the worker's end can be waited for.
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  const pid_t parent = ::fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    const pid_t worker = start_worker(folder.path());
    fakes::write_file(folder / "pid", std::to_string(worker));
    for (;;) ::pause();
  }
  // Once it has begun to work it is tied to its parent.
  EXPECT_TRUE(eventually([&] {
    const auto events = base::read_file(folder / "events.jsonl", 1 << 20);
    return events && !events->empty();
  }));
  const pid_t worker = std::stoi(base::read_file(folder / "pid", 100).value());
  ::kill(parent, SIGKILL);
  ASSERT_EQ(wait_for(parent), -SIGKILL);
  EXPECT_EQ(wait_for(worker), -SIGKILL);
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

TEST(WorkerProcess, DoesNothingForAParentThatIsGone) {
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(jobs::InspectVersion{{"linear", {}}}));
  ASSERT_EQ(::setenv("HEIRLOOM_PARENT_PID", "1999999999", 1), 0);
  EXPECT_EQ(run_worker(folder.path()), 75);
  EXPECT_FALSE(std::filesystem::exists(folder / "result.json"));
  ASSERT_EQ(::setenv("HEIRLOOM_PARENT_PID", std::to_string(::getpid()).c_str(), 1), 0);
  EXPECT_EQ(run_worker(folder.path()), 0);
  ::unsetenv("HEIRLOOM_PARENT_PID");
}

// The exit code of a worker whose machine has no Landlock.
int run_without_landlock(const std::filesystem::path& folder, sandbox::Mode mode) {
  const std::string confinement = sandbox::to_text({mode, {}});
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv(sandbox::kConfinementVariable, confinement.c_str(), 1);
    fakes::refuse_landlock();
    ::execl(HEIRLOOM_WORKER, HEIRLOOM_WORKER, folder.c_str(), nullptr);
    ::_exit(255);
  }
  return wait_for(child);
}

TEST(WorkerProcess, SaysWhichLayerOfARequiredSandboxIsMissing) {
  const fakes::TempFolder folder;
  write_job(folder.path(), job_with(jobs::InspectVersion{{"linear", {}}}));
  EXPECT_EQ(run_without_landlock(folder.path(), sandbox::Mode::required), 75);
  const jobs::JobResult result = result_in(folder.path());
  ASSERT_FALSE(result.outcome.has_value());
  EXPECT_EQ(result.job_id, 5);
  EXPECT_EQ(result.outcome.error().kind, base::ErrorKind::unavailable);
  EXPECT_EQ(result.outcome.error().message,
            "the sandbox is required, and this machine lacks Landlock");
  EXPECT_EQ(run_without_landlock(folder.path(), sandbox::Mode::best_effort), 0);
}

TEST(WorkerProcess, SaysThatItsOtherHalfIsMissing) {
  const fakes::TempFolder folder;
  const auto alone = folder / "heirloom-worker";
  std::filesystem::copy_file(HEIRLOOM_WORKER, alone);
  write_job(folder.path(), job_with(jobs::InspectVersion{{"linear", {}}}));
  EXPECT_EQ(wait_for(start_worker(folder.path(), alone.native())), 75);
  EXPECT_NE(result_in(folder.path()).outcome.error().message.find("heirloom-worker-torch"),
            std::string::npos);
}

}  // namespace
}  // namespace heirloom::worker

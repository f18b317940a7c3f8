#include <cstdlib>

#include <gtest/gtest.h>
#include <sys/prctl.h>

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

}  // namespace
}  // namespace heirloom::worker

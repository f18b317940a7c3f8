#include "daemon/runner/local_runner.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <unistd.h>

#include "daemon/runner/pidfd.h"

namespace heirloom::daemon {
namespace {

// File actions and attributes of one posix_spawn, freed together.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

// stdin from nowhere, output to `log`; own group; default signals and an empty mask, whatever the
// daemon set for itself.
void prepare(SpawnPlan& plan, const std::string& log) {
  posix_spawn_file_actions_addopen(&plan.actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&plan.actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0600);
  posix_spawn_file_actions_adddup2(&plan.actions, 1, 2);
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&plan.attributes, &none);
  posix_spawnattr_setsigdefault(&plan.attributes, &all);
  posix_spawnattr_setpgroup(&plan.attributes, 0);
  posix_spawnattr_setflags(&plan.attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

}  // namespace

struct LocalRunner::Child {
  Child(net::io_context& loop, int fd, pid_t process, OnExit callback)
      : pidfd(loop, fd), pid(process), on_exit(std::move(callback)) {}
  net::posix::stream_descriptor pidfd;
  pid_t pid;
  OnExit on_exit;
};

LocalRunner::LocalRunner(net::io_context& loop, std::filesystem::path worker,
                         const sandbox::Confinement& confinement)
    : loop_(loop),
      worker_(std::move(worker)),
      confinement_(
          fmt::format("{}={}", sandbox::kConfinementVariable, sandbox::to_text(confinement))) {}

void LocalRunner::use(std::filesystem::path worker, const sandbox::Confinement& confinement) {
  worker_ = std::move(worker);
  confinement_ = fmt::format("{}={}", sandbox::kConfinementVariable, sandbox::to_text(confinement));
}

LocalRunner::~LocalRunner() {
  for (const auto& [job_id, child] : children_) signal_process_group(child->pid, SIGKILL);
}

base::Result<void> LocalRunner::launch(std::int64_t job_id, const std::filesystem::path& folder,
                                       OnExit on_exit) {
  SpawnPlan plan;
  prepare(plan, (folder / "stderr.log").native());
  std::string program = worker_.native();
  std::string argument = folder.native();
  // The worker compares it with getppid() after asking to die with its parent.
  std::string parent = fmt::format("HEIRLOOM_PARENT_PID={}", ::getpid());
  std::string path = "PATH=/usr/bin:/bin";
  std::array<char*, 3> arguments = {program.data(), argument.data(), nullptr};
  // OpenMP's threads wait for one another by spinning, for milliseconds unless told otherwise. At
  // low priority beside other work that burns the time slice that the late one needs: training was
  // many times slower than with this (docs/results/speed.md).
  std::string spin = "GOMP_SPINCOUNT=3000";
  std::string confinement = confinement_;
  std::array<char*, 5> environment = {parent.data(), path.data(), spin.data(), confinement.data(),
                                      nullptr};

  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, program.c_str(), &plan.actions, &plan.attributes,
                                  arguments.data(), environment.data());
  if (error != 0) {
    // Whatever the reason, it is not the job's: a later attempt may find the program again.
    return base::fail(base::ErrorKind::unavailable,
                      base::fail_errno("start", program, error).value().message);
  }
  base::UniqueFd pidfd = open_pidfd(pid);
  if (!pidfd.valid()) {
    const int reason = errno;
    signal_process_group(pid, SIGKILL);
    return base::fail_errno("watch", program, reason);
  }
  auto child = std::make_shared<Child>(loop_, pidfd.release(), pid, std::move(on_exit));
  children_.emplace(job_id, child);
  watch(job_id, std::move(child));
  return {};
}

void LocalRunner::watch(std::int64_t job_id, std::shared_ptr<Child> child) {
  net::posix::stream_descriptor& pidfd = child->pidfd;
  pidfd.async_wait(net::posix::stream_descriptor::wait_read,
                   [this, job_id, child](const boost::system::error_code& error) {
                     if (error) return;  // the loop is being torn down
                     const base::UniqueFd fd(child->pidfd.release());
                     const WorkerExit exit = reap(fd);
                     // Grandchildren, if it had any, must not outlive it.
                     signal_process_group(child->pid, SIGKILL);
                     children_.erase(job_id);
                     child->on_exit(exit);
                   });
}

void LocalRunner::signal(std::int64_t job_id, int signal) {
  if (const auto found = children_.find(job_id); found != children_.end()) {
    signal_process_group(found->second->pid, signal);
  }
}

void LocalRunner::terminate(std::int64_t job_id) {
  signal(job_id, SIGTERM);
}
void LocalRunner::kill(std::int64_t job_id) {
  signal(job_id, SIGKILL);
}

}  // namespace heirloom::daemon

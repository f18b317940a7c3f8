#include "daemon/runner/pidfd.h"

#include <csignal>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heirloom::daemon {

// By syscall: glibc 2.36's <sys/pidfd.h> lacks extern "C".
base::UniqueFd open_pidfd(pid_t pid) {
  return base::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

WorkerExit reap(const base::UniqueFd& pidfd) {
  siginfo_t info{};
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &info, WEXITED) != 0 && errno == EINTR) {
  }
  return WorkerExit{info.si_code != CLD_EXITED, info.si_status};
}

void signal_process_group(pid_t group, int signal) {
  ::kill(-group, signal);
}

}  // namespace heirloom::daemon

// A process as a file descriptor: readable when it has ended, and never another process's.
#pragma once

#include <sys/types.h>

#include "core/base/unique_fd.h"
#include "daemon/runner/runner.h"

namespace heirloom::daemon {

base::UniqueFd open_pidfd(pid_t pid);
// Reaps the ended process behind `pidfd`.
WorkerExit reap(const base::UniqueFd& pidfd);
void signal_process_group(pid_t group, int signal);

}  // namespace heirloom::daemon

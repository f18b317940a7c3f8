#include "worker/process.h"

#include <csignal>
#include <cstdlib>
#include <string>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace heirloom::worker {
namespace {

constexpr int kNice = 10;
volatile std::sig_atomic_t g_stop = 0;  // written by the signal handler only

void on_stop_signal(int) {
  g_stop = 1;
}

}  // namespace

bool tie_to_parent() {
  const pid_t parent = ::getppid();
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
  // Lower priority is a courtesy: without it the work is the same.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, kNice));
  // A parent that ended before the prctl sends no signal any more.
  if (::getppid() != parent) return false;
  const char* expected = std::getenv("HEIRLOOM_PARENT_PID");
  return expected == nullptr || std::to_string(parent) == expected;
}

void watch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = &on_stop_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

bool stop_requested() {
  return g_stop != 0;
}

}  // namespace heirloom::worker

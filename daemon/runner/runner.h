// Runs jobs somewhere: here as a local process, later on a cluster. The contract is the job
// folder (core/jobs/job.h); a runner starts the worker there and says when and how it ended.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/base/result.h"

namespace heirloom::daemon {

// How a worker process ended. `code` is its exit code, or the signal that killed it.
struct WorkerExit {
  bool signalled = false;
  int code = 0;

  std::string text() const { return (signalled ? "signal " : "exit ") + std::to_string(code); }
};

class Runner {
 public:
  using OnExit = std::function<void(WorkerExit)>;

  virtual ~Runner() = default;

  // Starts a worker on `folder`; `on_exit` is called once, on the loop, after it has ended and
  // been reaped; never from within launch(), though perhaps from within kill().
  virtual base::Result<void> launch(std::int64_t job_id, const std::filesystem::path& folder,
                                    OnExit on_exit) = 0;
  // SIGTERM (checkpoint and leave) or SIGKILL. Nothing happens for a job that does not run.
  virtual void terminate(std::int64_t job_id) = 0;
  virtual void kill(std::int64_t job_id) = 0;
  virtual std::size_t running() const = 0;
};

}  // namespace heirloom::daemon

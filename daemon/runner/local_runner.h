// Workers as child processes of the daemon: each in its own process group, watched by a pidfd.
// The worker itself asks the kernel to die with its parent. Used on the loop thread only.
#pragma once

#include <map>
#include <memory>

#include "daemon/async/asio.h"
#include "daemon/runner/runner.h"

namespace heirloom::daemon {

class LocalRunner final : public Runner {
 public:
  // `worker`: path of heirloom-worker.
  LocalRunner(net::io_context& loop, std::filesystem::path worker);
  // For launches from now on.
  void use_worker(std::filesystem::path worker) { worker_ = std::move(worker); }
  ~LocalRunner() override;  // kills what still runs

  base::Result<void> launch(std::int64_t job_id, const std::filesystem::path& folder,
                            OnExit on_exit) override;
  void terminate(std::int64_t job_id) override;
  void kill(std::int64_t job_id) override;
  std::size_t running() const override { return children_.size(); }

 private:
  struct Child;
  void watch(std::int64_t job_id, std::shared_ptr<Child> child);
  void signal(std::int64_t job_id, int signal);

  net::io_context& loop_;
  std::filesystem::path worker_;
  std::map<std::int64_t, std::shared_ptr<Child>> children_;
};

}  // namespace heirloom::daemon

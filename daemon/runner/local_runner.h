// Workers as child processes of the daemon: each in its own process group, watched by a pidfd.
// The worker itself asks the kernel to die with its parent. Used on the loop thread only.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/sandbox/confinement.h"
#include "daemon/async/asio.h"
#include "daemon/runner/runner.h"

namespace heirloom::daemon {

class LocalRunner final : public Runner {
 public:
  // `worker`: path of heirloom-worker, which confines itself as `confinement` says.
  LocalRunner(net::io_context& loop, std::filesystem::path worker,
              const sandbox::Confinement& confinement = {});
  // For launches from now on.
  void use(std::filesystem::path worker, const sandbox::Confinement& confinement);
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
  std::string confinement_;  // in a worker's environment
  std::map<std::int64_t, std::shared_ptr<Child>> children_;
};

}  // namespace heirloom::daemon

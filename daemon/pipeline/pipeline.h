// The pipeline: moves every registration and generation on as far as it can go, and starts the
// jobs that they wait for. step() does one idempotent turn from what the registry says, so a
// restart, a missed event and a slow timer all lead to the same place (docs/ARCHITECTURE.md).
//
// Owned by main; used on the loop thread only. A thrown DatabaseFailure ends the process.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "config/settings.h"
#include "core/base/clock.h"
#include "core/base/signing.h"
#include "daemon/metrics.h"
#include "daemon/model_clock.h"
#include "daemon/pipeline/job_folder.h"
#include "daemon/runner/runner.h"
#include "daemon/signers.h"
#include "daemon/state_folder.h"
#include "registry/registry.h"

namespace heirloom::daemon {

class Pipeline {
 public:
  // Asks the loop to call step() once after a delay. Used for retries.
  using Wake = std::function<void(std::chrono::milliseconds)>;

  Pipeline(registry::Registry& registry, Runner& runner, const StateFolder& state,
           const config::Settings& settings, const Signers& signers, const base::Clock& clock,
           Wake wake);

  // Promotions are signed with it from now on; null: not signed.
  void sign_with(const base::SigningKey* key) { signing_key_ = key; }

  // Told of every attempt and generation that ends; null: nobody is.
  void count_in(Metrics* metrics) { metrics_ = metrics; }

  // Once, at start: attempts that an earlier daemon left are marked lost. Then step().
  void recover();
  void step();

  // Reads the workers' progress and kills those that have been silent for too long. Called about
  // twice a second while anything runs.
  void poll();
  bool busy() const { return !running_.empty(); }
  std::size_t running() const { return running_.size(); }

  // No launch after this; workers get SIGTERM, so that they leave a checkpoint.
  void stop();
  void kill_workers();

  struct Progress {
    std::int64_t job_id = 0;
    std::int64_t attempt = 0;
    std::optional<jobs::Event> last;
    std::optional<std::int64_t> started_from;
    std::optional<double> eta_seconds;  // from the pace of this attempt
  };
  // Of the job that works for a generation right now.
  std::optional<Progress> progress(std::int64_t generation_id);

 private:
  struct Running {
    registry::JobRow job;
    std::int64_t attempt = 0;
    EventTail tail;
    std::chrono::steady_clock::time_point launched;
    std::chrono::steady_clock::time_point last_sign;
  };

  bool advance(const registry::GenerationRow& generation);
  void log_move(const registry::GenerationRow& before);
  void open_inspections();
  void publish_champions();
  void wake_by(std::chrono::steady_clock::time_point time);
  void launch_jobs();
  bool launch(const registry::JobRow& job);
  std::optional<base::Error> launch_attempt(const registry::JobRow& job, std::int64_t attempt);
  void on_exit(std::int64_t job_id, WorkerExit exit);
  void finish(const Running& running, const jobs::JobResult& result);
  void fail(const registry::JobRow& job, const base::Error& error);
  void retry_or_fail(const registry::JobRow& job, const base::Error& error);
  std::int64_t model_of(const registry::JobRow& job);

  registry::Registry& registry_;
  Runner& runner_;
  const StateFolder& state_;
  const config::Settings& settings_;
  const Signers& signers_;
  const base::Clock& clock_;
  const Wake wake_;

  std::map<std::int64_t, Running> running_;  // by job id
  // Jobs that wait before their next attempt.
  std::map<std::int64_t, std::chrono::steady_clock::time_point> not_before_;
  // When each model last got a worker, as a counter: the fair queue.
  std::map<std::int64_t, std::uint64_t> last_turn_;
  std::uint64_t turn_ = 0;
  // By model id: the champion row whose folder was written, and whether without its figures.
  std::map<std::int64_t, std::pair<std::int64_t, bool>> published_;
  ModelClock model_clock_;
  std::optional<std::chrono::steady_clock::time_point> wakes_at_;
  const base::SigningKey* signing_key_ = nullptr;
  Metrics* metrics_ = nullptr;
  bool stopping_ = false;
};

}  // namespace heirloom::daemon

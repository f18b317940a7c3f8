// Predictions of images that people send: jobs beside the pipeline's, one at a time, through the
// same runner. They are answers and evidence for nothing: the registry does not know of them, and
// they are gone with the daemon.
//
// Owned by main; used on the loop thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/base/clock.h"
#include "core/certificate/prediction.h"
#include "core/jobs/result.h"
#include "daemon/pipeline/job_folder.h"
#include "daemon/runner/runner.h"
#include "daemon/state_folder.h"
#include "registry/registry.h"

namespace heirloom::daemon {

// What one request may hold.
inline constexpr std::size_t kMaxPredictionBytes = std::size_t{8} << 20;  // all its files

struct SentImage {
  std::string name;
  std::string bytes;  // of a PNG, JPEG or IDX file: nothing here looks into them
  std::uint64_t first = 0;
  std::uint64_t count = 0;  // jobs::PredictFile
};

struct PredictionRequest {
  registry::ModelRow model;
  registry::GenerationRow generation;
  std::uint64_t n0 = 100;
  std::uint64_t n = 10'000;
  double alpha = 0.001;
  std::optional<std::uint64_t> seed;  // none: fresh noise
  std::vector<SentImage> images;
};

struct PredictionView {
  enum class State { waiting, running, done, failed };

  std::string id;
  State state = State::waiting;
  std::string model;
  std::string generation;
  double sigma = 0.0;
  std::uint64_t n0 = 0;
  std::uint64_t n = 0;
  double alpha = 0.0;
  std::optional<std::uint64_t> seed;
  std::optional<base::Error> error;  // failed
  // done: one each, in order
  std::vector<jobs::PredictedImage> images;
  std::vector<certificate::Prediction> predictions;
};

class Predictions {
 public:
  // Removes what an earlier daemon left. `settings` may change meanwhile.
  Predictions(registry::Registry& registry, Runner& runner, const StateFolder& state,
              const config::Settings& settings, const base::Clock& clock);

  // The id under which to ask for the answer. Errors: conflict (the generation has no artifact),
  // unavailable (too many wait), io.
  base::Result<std::string> start(PredictionRequest request);

  // not_found: never asked for, forgotten (the newest finished ones are kept), or of an earlier
  // daemon, which the words say.
  base::Result<PredictionView> find(std::string_view id) const;

  // Kills a worker that has been silent for too long. Called about twice a second while busy().
  void poll();
  bool busy() const { return running_.has_value(); }
  void stop();  // kills the worker; nothing starts after this

 private:
  struct Entry {
    PredictionView view;
    jobs::Job job;
  };
  struct Running {
    std::int64_t number = 0;
    EventTail tail;
    std::chrono::steady_clock::time_point last_sign;
  };

  std::filesystem::path folder(std::int64_t number) const;
  base::Result<jobs::Job> job_for(const PredictionRequest& request, std::int64_t number);
  base::Result<std::vector<jobs::PredictFile>> write_images(
      const std::filesystem::path& where, const std::vector<SentImage>& images) const;
  void launch_next();
  void on_exit(std::int64_t number, WorkerExit exit);
  base::Result<void> take_answer(Entry& entry, WorkerExit exit);
  void finish(std::int64_t number, std::optional<base::Error> error);

  registry::Registry& registry_;
  Runner& runner_;
  const StateFolder& state_;
  const config::Settings& settings_;
  const base::Clock& clock_;

  std::int64_t next_ = 1;
  std::map<std::int64_t, Entry> entries_;
  std::deque<std::int64_t> waiting_;
  std::deque<std::int64_t> finished_;  // oldest first
  std::optional<Running> running_;
  bool stopping_ = false;
};

}  // namespace heirloom::daemon

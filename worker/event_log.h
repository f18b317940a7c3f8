// events.jsonl: progress of this attempt, one JSON object a line.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/jobs/event.h"

namespace heirloom::worker {

// One thread at a time. Events are news, not evidence: one that cannot be written is dropped.
class EventLog {
 public:
  // Opens the file for appending; a torn last line of an earlier attempt is closed first.
  static base::Result<EventLog> open(const std::filesystem::path& path, std::int64_t attempt,
                                     jobs::Stage stage);

  void started(std::int64_t position, std::int64_t total);
  // Written at most twice a second; the others are dropped.
  void progress(std::int64_t position, std::int64_t total, double rate, double loss,
                std::optional<double> distance = std::nullopt);
  void finished(std::int64_t position, std::int64_t total);

 private:
  EventLog(base::UniqueFd fd, std::int64_t attempt, jobs::Stage stage)
      : fd_(std::move(fd)), attempt_(attempt), stage_(stage) {}
  void write(jobs::Event event);

  base::UniqueFd fd_;
  std::int64_t attempt_;
  jobs::Stage stage_;
  std::chrono::steady_clock::time_point last_progress_{};
};

}  // namespace heirloom::worker

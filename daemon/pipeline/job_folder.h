// A job's folder as the daemon sees it: written before launch, tailed while the worker runs, read
// when it has ended.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/jobs/event.h"
#include "core/jobs/job.h"
#include "core/jobs/result.h"

namespace heirloom::daemon {

// Creates the folder and writes job.json (mode 0600: it can hold a noise key); removes the result
// of an earlier attempt and starts events.jsonl and stderr.log afresh, keeping checkpoints.
base::Result<void> prepare_job_folder(const std::filesystem::path& folder, const jobs::Job& job);

// result.json, if it is the answer to exactly this job, attempt and epoch.
base::Result<jobs::JobResult> read_result(const std::filesystem::path& folder, std::int64_t job_id,
                                          std::int64_t attempt, std::int64_t epoch);

// The last few KiB of what the worker said on stderr.
std::string stderr_tail(const std::filesystem::path& folder);

void remove_job_folder(const std::filesystem::path& folder);

// Follows events.jsonl. Lines that are not whole yet are left for the next poll.
class EventTail {
 public:
  explicit EventTail(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Reads what is new. True when there was at least one event.
  bool poll();
  const std::optional<jobs::Event>& last() const { return last_; }
  std::optional<std::int64_t> started_from() const { return started_from_; }

 private:
  std::filesystem::path folder_;
  std::uint64_t offset_ = 0;
  std::optional<jobs::Event> last_;
  std::optional<std::int64_t> started_from_;
};

}  // namespace heirloom::daemon

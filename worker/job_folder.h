// The files of one job (core/jobs/job.h says which).
#pragma once

#include <filesystem>
#include <string_view>

#include "core/base/result.h"
#include "core/jobs/job.h"
#include "core/jobs/result.h"

namespace heirloom::worker {

class JobFolder {
 public:
  explicit JobFolder(std::filesystem::path path) : path_(std::move(path)) {}

  // Errors (usage, not_found): there is no job.json, or it is wrong.
  base::Result<jobs::Job> read_job() const;
  // Makes out/ and checkpoints/.
  base::Result<void> prepare() const;

  std::filesystem::path events() const { return path_ / jobs::kEventsFile; }
  std::filesystem::path checkpoints() const { return path_ / jobs::kCheckpointFolder; }

  // Writes out/NAME, whole or not at all, and durably.
  base::Result<jobs::OutputFile> write_output(std::string_view name, std::string_view bytes) const;
  base::Result<void> write_result(const jobs::JobResult& result) const;

 private:
  std::filesystem::path path_;
};

}  // namespace heirloom::worker

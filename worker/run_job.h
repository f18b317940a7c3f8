// One job from job.json to result.json.
#pragma once

#include <filesystem>

#include "core/jobs/result.h"

namespace heirloom::worker {

// Runs the job in `folder` and returns the exit code of the process. Whatever goes wrong after
// job.json was read is in result.json; before, it is on standard error. No exception leaves.
jobs::ExitCode run_job(const std::filesystem::path& folder);

}  // namespace heirloom::worker

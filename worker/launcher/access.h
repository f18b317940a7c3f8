// What the worker of one job may touch.
#pragma once

#include <filesystem>
#include <vector>

#include "core/jobs/job.h"
#include "core/sandbox/landlock.h"

namespace heirloom::worker {

// The system's libraries, what they read as they are loaded, the job's inputs and its folder; with
// `device: cuda` also the device. `program` is what will run it.
std::vector<sandbox::PathRule> access_of(const jobs::Job& job, const std::filesystem::path& folder,
                                         const std::filesystem::path& program);

}  // namespace heirloom::worker

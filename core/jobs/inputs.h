// What a job reads besides its own folder: a worker that is confined may open this and no more.
#pragma once

#include <string>
#include <vector>

#include "core/jobs/job.h"

namespace heirloom::jobs {

// The absolute paths of the files and folders that the job names, in no particular order. They need
// not exist.
std::vector<std::string> input_paths(const Job& job);

}  // namespace heirloom::jobs

// How a worker ends: its words on standard error, result.json and the exit code.
#pragma once

#include "core/base/result.h"
#include "core/jobs/result.h"
#include "worker/job_folder.h"

namespace heirloom::worker {

void complain(const base::Error& error);

// There is no job to write a result for. Only a failing disk is worth another attempt.
jobs::ExitCode end_without_job(const base::Error& error);

// Writes the result.
jobs::ExitCode end_with_result(const JobFolder& folder, const jobs::JobResult& result);

}  // namespace heirloom::worker

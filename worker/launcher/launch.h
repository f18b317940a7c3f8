// From a job to the confined process that runs it.
#pragma once

#include "core/jobs/result.h"

namespace heirloom::worker {

// Sets the limits, enters the sandbox around the job in folder argv[1] and becomes
// heirloom-worker-torch, which is looked for beside this program. Returns only where that fails:
// with the exit code, and with the reason in result.json (standard error, if there is no job).
jobs::ExitCode launch(char** argv);

}  // namespace heirloom::worker

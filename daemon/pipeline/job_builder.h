// Turns a job's row into the job that its worker reads: everything it needs, and nothing else.
#pragma once

#include "config/settings.h"
#include "core/base/result.h"
#include "core/jobs/job.h"
#include "registry/registry.h"

namespace heirloom::daemon {

// Of a worker.
jobs::Compute compute_of(const config::Settings& settings);

// `attempt` and the registry's epoch go into it, so that its result can be told from older ones.
base::Result<jobs::Job> build_job(registry::Registry& registry, const registry::JobRow& row,
                                  std::int64_t attempt, const jobs::Compute& compute);

}  // namespace heirloom::daemon

// The kinds of work, one function and one file each. None writes result.json.
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/jobs/job.h"
#include "core/jobs/result.h"
#include "worker/event_log.h"
#include "worker/job_folder.h"

namespace heirloom::worker {

struct TaskContext {
  const jobs::Job& job;
  const JobFolder& folder;
  EventLog& events;
  // Where this attempt went on from, and the seconds worked over all attempts: filled in by the
  // task as soon as it knows, so that they are in the result of a failed one too.
  std::int64_t started_from = 0;
  double seconds = 0.0;
};

base::Result<jobs::Outcome> run_task(const jobs::InspectVersion& task, TaskContext& context);
base::Result<jobs::Outcome> run_task(const jobs::InspectSnapshot& task, TaskContext& context);
base::Result<jobs::Outcome> run_task(const jobs::Train& task, TaskContext& context);
base::Result<jobs::Outcome> run_task(const jobs::Certify& task, TaskContext& context);
base::Result<jobs::Outcome> run_task(const jobs::Predict& task, TaskContext& context);
base::Result<jobs::Outcome> run_task(const jobs::Attack& task, TaskContext& context);
base::Result<jobs::Outcome> run_task(const jobs::Drift& task, TaskContext& context);

}  // namespace heirloom::worker

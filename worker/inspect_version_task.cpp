#include "core/arch/probe.h"
#include "worker/tasks.h"

namespace heirloom::worker {

base::Result<jobs::Outcome> run_task(const jobs::InspectVersion& task, TaskContext& context) {
  context.events.started(0, 1);
  const jobs::ModelSpec& model = context.job.model;
  HEIRLOOM_ASSIGN(const std::uint64_t parameters,
                  arch::probe(task.arch, model.input, model.classes));
  context.events.finished(1, 1);
  return jobs::VersionInspected{.parameters = parameters};
}

}  // namespace heirloom::worker

#include <string>

#include "core/arch/probe.h"
#include "core/arch/safetensors.h"
#include "core/base/files.h"
#include "worker/tasks.h"

namespace heirloom::worker {

base::Result<jobs::Outcome> run_task(const jobs::InspectVersion& task, TaskContext& context) {
  context.events.started(0, 1);
  const jobs::ModelSpec& model = context.job.model;
  jobs::VersionInspected inspected;
  std::string weights;
  if (!task.weights.empty()) {
    HEIRLOOM_ASSIGN(weights, base::read_file(task.weights, arch::kMaxSafetensorsFile));
    if (weights.empty()) {
      return base::fail(base::ErrorKind::bad_data, task.weights + " is empty");
    }
    inspected.weights = jobs::FileRef{task.weights, base::sha256(weights), weights.size()};
  }
  HEIRLOOM_ASSIGN(inspected.parameters,
                  arch::probe(task.arch, model.input, model.classes, weights));
  context.events.finished(1, 1);
  return inspected;
}

}  // namespace heirloom::worker

#include <string>

#include "core/arch/probe.h"
#include "core/base/files.h"
#include "worker/tasks.h"

namespace heirloom::worker {
namespace {

constexpr std::uint64_t kMaxModuleBytes = std::uint64_t{1} << 30;

}  // namespace

base::Result<jobs::Outcome> run_task(const jobs::InspectVersion& task, TaskContext& context) {
  context.events.started(0, 1);
  const jobs::ModelSpec& model = context.job.model;
  std::string module;
  if (!task.module.empty()) {
    HEIRLOOM_ASSIGN(module, base::read_file(task.module, kMaxModuleBytes));
  }
  jobs::VersionInspected outcome;
  HEIRLOOM_ASSIGN(outcome.parameters, arch::probe(task.arch, model.input, model.classes, module));
  if (!task.module.empty()) {
    // What was inspected is what will be trained, whatever becomes of the user's file.
    HEIRLOOM_ASSIGN(outcome.module, context.folder.write_output(jobs::kModuleOutput, module));
  }
  context.events.finished(1, 1);
  return outcome;
}

}  // namespace heirloom::worker

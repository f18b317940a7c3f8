#include <string>

#include "core/arch/probe.h"
#include "core/base/files.h"
#include "worker/tasks.h"

namespace heirloom::worker {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 32;

}  // namespace

base::Result<jobs::Outcome> run_task(const jobs::InspectVersion& task, TaskContext& context) {
  context.events.started(0, 1);
  const jobs::ModelSpec& model = context.job.model;
  std::string file;
  if (!task.file.empty()) {
    HEIRLOOM_ASSIGN(file, base::read_file(task.file, kMaxFileBytes));
    if (file.empty()) return base::fail(base::ErrorKind::bad_data, task.file + " is empty");
  }
  jobs::VersionInspected inspected;
  HEIRLOOM_ASSIGN(inspected.parameters, arch::probe(task.arch, model.input, model.classes, file));
  if (!file.empty()) {
    // What was inspected is what will be trained, whatever becomes of the user's file.
    HEIRLOOM_ASSIGN(inspected.file, context.folder.write_output(jobs::kVersionFileOutput, file));
  }
  context.events.finished(1, 1);
  return inspected;
}

}  // namespace heirloom::worker

#include <string>

#include "core/arch/probe.h"
#include "core/base/files.h"
#include "worker/tasks.h"

namespace heirloom::worker {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 32;

// The bytes that everything after this works on. Those of a signed file are held against the
// signature before anything looks at what is in them.
base::Result<std::string> read_asked(const jobs::InspectVersion& task) {
  HEIRLOOM_ASSIGN(std::string bytes, base::read_file(task.file, kMaxFileBytes));
  if (bytes.empty()) return base::fail(base::ErrorKind::bad_data, task.file + " is empty");
  if (!task.sha256) return bytes;
  const base::Digest found = base::sha256(bytes);
  if (found == *task.sha256) return bytes;
  return base::fail(
      base::ErrorKind::bad_data,
      task.file + " has SHA-256 " + found.hex() + ", the signature is for " + task.sha256->hex(),
      "it was changed after it was signed, or this is another file: give the file that was signed, "
      "or have this one signed");
}

}  // namespace

base::Result<jobs::Outcome> run_task(const jobs::InspectVersion& task, TaskContext& context) {
  context.events.started(0, 1);
  const jobs::ModelSpec& model = context.job.model;
  std::string file;
  if (!task.file.empty()) {
    HEIRLOOM_ASSIGN(file, read_asked(task));
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

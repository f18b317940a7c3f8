#include "core/jobs/inputs.h"

#include <filesystem>

namespace heirloom::jobs {
namespace {

// One overload a task, so that a new kind of task does not compile before it is thought of here.
class Inputs {
 public:
  void operator()(const InspectVersion& task) { add(task.file); }
  void operator()(const InspectSnapshot& task) {
    for (const std::string& path : task.train.paths) add(path);
    for (const std::string& path : task.holdout.paths) add(path);
  }
  void operator()(const Train& task) {
    if (task.file) add(task.file->path);
    add(task.train);
    if (const auto* transfer = std::get_if<TransferMethod>(&task.method)) {
      add(transfer->teacher.path);
    }
  }
  void operator()(const Certify& task) {
    add(task.model.path);
    add(task.holdout);
  }
  void operator()(const Attack& task) {
    add(task.model.path);
    add(task.holdout);
  }
  void operator()(const Predict& task) {
    add(task.model.path);
    for (const PredictFile& file : task.files) add(file.file.path);
  }
  void operator()(const Drift& task) {
    add(task.model.path);
    add(task.reference);
    add(task.fresh);
    for (const FileRef& file : task.known) add(file.path);
    if (task.reference_outputs) add(task.reference_outputs->path);
  }

  std::vector<std::string> take() { return std::move(paths_); }

 private:
  void add(const DataPart& part) {
    for (const FileRef& file : part.files) add(file.path);
    if (!part.folder) return;
    add(part.folder->path);
    add(part.folder->manifest.path);
  }
  // What is drawn and not read ("1:4000"), and what is left out, is no path.
  void add(const std::string& path) {
    if (std::filesystem::path(path).is_absolute()) paths_.push_back(path);
  }

  std::vector<std::string> paths_;
};

}  // namespace

std::vector<std::string> input_paths(const Job& job) {
  Inputs inputs;
  std::visit(inputs, job.task);
  return inputs.take();
}

}  // namespace heirloom::jobs

#include "core/jobs/job.h"

namespace heirloom::jobs {
namespace {

struct TaskKind {
  std::string_view operator()(const InspectVersion&) const { return "inspect"; }
  std::string_view operator()(const InspectSnapshot&) const { return "inspect"; }
  std::string_view operator()(const Train& train) const {
    return std::holds_alternative<TransferMethod>(train.method) ? "transfer" : "train";
  }
  std::string_view operator()(const Certify&) const { return "certify"; }
  std::string_view operator()(const Predict&) const { return "predict"; }
  std::string_view operator()(const Attack&) const { return "attack"; }
  std::string_view operator()(const Drift&) const { return "drift"; }
};

}  // namespace

std::string_view task_kind(const Task& task) {
  return std::visit(TaskKind{}, task);
}

}  // namespace heirloom::jobs

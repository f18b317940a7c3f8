#include "core/jobs/job.h"

namespace heirloom::jobs {
namespace {

struct MethodName {
  std::string_view operator()(const GaussianMethod&) const { return "gaussian"; }
  std::string_view operator()(const SmoothMixMethod&) const { return "smoothmix"; }
  std::string_view operator()(const TransferMethod&) const { return "transfer"; }
};

struct TaskKind {
  std::string_view operator()(const InspectVersion&) const { return "inspect"; }
  std::string_view operator()(const InspectSnapshot&) const { return "inspect"; }
  std::string_view operator()(const Train& train) const {
    return std::holds_alternative<TransferMethod>(train.method) ? "transfer" : "train";
  }
  std::string_view operator()(const Certify&) const { return "certify"; }
  std::string_view operator()(const Attack&) const { return "attack"; }
};

}  // namespace

std::string_view method_name(const TrainMethod& method) {
  return std::visit(MethodName{}, method);
}

std::string_view task_kind(const Task& task) {
  return std::visit(TaskKind{}, task);
}

}  // namespace heirloom::jobs

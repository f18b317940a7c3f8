#include "core/jobs/train_method.h"

#include <fmt/format.h>

namespace heirloom::jobs {
namespace {

struct MethodName {
  std::string_view operator()(const GaussianMethod&) const { return "gaussian"; }
  std::string_view operator()(const StabilityMethod&) const { return "stability"; }
  std::string_view operator()(const SmoothAdvMethod&) const { return "smoothadv"; }
  std::string_view operator()(const MacerMethod&) const { return "macer"; }
  std::string_view operator()(const ConsistencyMethod&) const { return "consistency"; }
  std::string_view operator()(const SmoothMixMethod&) const { return "smoothmix"; }
  std::string_view operator()(const CatRsMethod&) const { return "catrs"; }
  std::string_view operator()(const TransferMethod&) const { return "transfer"; }
};

}  // namespace

std::string_view to_string(MatchOn match_on) {
  return match_on == MatchOn::softmax ? "softmax" : "logits";
}

base::Result<MatchOn> parse_match_on(std::string_view text) {
  for (const MatchOn match_on : {MatchOn::logits, MatchOn::softmax}) {
    if (to_string(match_on) == text) return match_on;
  }
  return base::fail(base::ErrorKind::usage, fmt::format("is \"{}\", which is not known", text));
}

std::string_view method_name(const TrainMethod& method) {
  return std::visit(MethodName{}, method);
}

std::optional<TrainMethod> method_called(std::string_view name) {
  for (const TrainMethod& method :
       {TrainMethod(GaussianMethod{}), TrainMethod(StabilityMethod{}),
        TrainMethod(SmoothAdvMethod{}), TrainMethod(MacerMethod{}),
        TrainMethod(ConsistencyMethod{}), TrainMethod(SmoothMixMethod{}),
        TrainMethod(CatRsMethod{}), TrainMethod(TransferMethod{})}) {
    if (method_name(method) == name) return method;
  }
  return std::nullopt;
}

}  // namespace heirloom::jobs

// A gate as JSON, stored (registry::GateRow) or just judged (policies::Gate).
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "policies/policy.h"

namespace heirloom::daemon {

template <typename AnyGate>
nlohmann::json gate_view(const AnyGate& gate, const std::string& text) {
  const policies::Threshold& threshold = gate.threshold;
  return {{"name", policies::to_string(threshold.metric)},
          {"text", text},
          {"radius", threshold.radius},
          {"quantile", threshold.quantile},
          {"comparison", policies::to_string(threshold.comparison)},
          {"baseline", policies::to_string(threshold.baseline)},
          {"value", threshold.value},
          {"observed", gate.observed},
          {"bound", gate.bound},
          {"threshold", gate.required},
          {"pass", gate.pass},
          {"dry_run", threshold.dry_run},
          {"applicable", gate.applicable},
          {"p_value", gate.p_value},
          {"count", gate.count},
          {"examples", gate.examples},
          {"note", gate.note}};
}

}  // namespace heirloom::daemon

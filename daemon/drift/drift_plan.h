// What a test of a snapshot will look at, fixed before anything is drawn (docs/drift.md).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "policies/policy.h"
#include "registry/registry.h"

namespace heirloom::daemon {

// The reference: the holdout that the champion was judged on, and the labels of its own snapshot.
struct DriftReference {
  registry::GenerationRow champion;
  registry::SnapshotRow snapshot;  // which brought the holdout
  registry::HoldoutRow holdout;
  std::vector<std::uint64_t> labels;  // [classes], of the champion's own snapshot
};
base::Result<DriftReference> drift_reference(registry::Registry& registry,
                                             const registry::GenerationRow& champion);

// As it is stored with a check.
struct DriftPlan {
  std::vector<jobs::PlannedTest> tests;
  policies::DriftSizes sizes;
  std::uint64_t n0 = 0;
  std::uint64_t n = 0;
  double alpha = 0.0;
  double radius = 0.0;
  std::optional<std::chrono::seconds> since_last;  // the model's last test
  std::vector<std::string> passed_over;            // snapshots in whose place this one is tested
};
std::string to_json(const DriftPlan& plan);
base::Result<DriftPlan> drift_plan_from_json(const std::string& text);

// Errors (conflict): a reference that is too small for any batch.
base::Result<DriftPlan> plan_drift(const policies::DriftSettings& settings,
                                   const DriftReference& reference,
                                   std::optional<std::chrono::seconds> since_last);

struct DriftDraws {
  std::vector<std::uint32_t> examples;  // of the reference, ascending
  certificate::Protocol protocol;
  base::Digest noise_key;      // made from the holdout's secret, for this alone
  base::Digest reference_key;  // of all of the above and the radius
};
base::Result<DriftDraws> drift_draws(registry::Registry& registry, const DriftReference& reference,
                                     const DriftPlan& plan);

}  // namespace heirloom::daemon

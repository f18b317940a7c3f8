// A test of a snapshot for drift, from its plan to its report: each step is one transaction
// (docs/drift.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/jobs/result.h"
#include "daemon/drift/drift_plan.h"
#include "registry/registry.h"

namespace heirloom::daemon {

inline constexpr const char* kDriftJob = "drift";

// What is to be tested, and since when the model was not.
struct DriftDue {
  registry::ModelRow model;
  registry::GenerationRow champion;
  registry::SnapshotRow snapshot;
  registry::PolicyRow policy;
  policies::DriftSettings settings;
  std::optional<std::chrono::seconds> since_last;
};

// Writes the plan and opens the job; or, when nothing can be tested, a report that says why.
void open_drift_check(registry::Registry& registry, const DriftDue& due);

// The worker's figures become a report: none, warning or drift, and whether it is an alarm.
base::Result<void> finish_drift(registry::Registry& registry, const registry::JobRow& job,
                                const jobs::JobResult& result, const std::filesystem::path& output);
void fail_drift(registry::Registry& registry, const registry::JobRow& job,
                const base::Error& error);

// The standing alarm of the model's champion ends. Not found when none stands.
base::Result<void> acknowledge_drift(registry::Registry& registry, std::string_view model,
                                     const std::string& reason, const std::string& actor);

}  // namespace heirloom::daemon

// Queues generations: of versions that have none yet, and of what a model's clock asks for.
#pragma once

#include <string>
#include <string_view>

#include "registry/registry.h"

namespace heirloom::daemon {

// What a version would be trained on, and by which policy.
struct Waiting {
  registry::ModelRow model;
  registry::SnapshotRow snapshot;
  registry::PolicyRow policy;
};

// Versions that wait get their first generation once there are data with a holdout.
void queue_generations(registry::Registry& registry);

// Queues `version`, with `trigger` + `what` as its cause. Of the queue, older generations of the
// same version and trigger that have not begun give way to it, on record.
void queue_in_place_of_older(registry::Registry& registry, const Waiting& waiting,
                             const registry::VersionRow& version, std::string_view trigger,
                             const std::string& what);

}  // namespace heirloom::daemon

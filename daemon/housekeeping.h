// Removing what nothing needs any more: artifacts that no row names, folders of jobs that have
// ended, published copies of generations that are no longer champion.
#pragma once

#include <chrono>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "daemon/state_folder.h"
#include "registry/artifact_gc.h"
#include "registry/registry.h"

namespace heirloom::daemon {

struct Cleaning {
  std::chrono::seconds older_than{0};  // last written longer ago than that
  bool dry_run = false;
};

// What was removed, or would be. Never anything that a row, a champion or an open job names. The
// event "gc.done" says how much it was.
base::Result<std::vector<registry::Litter>> clean(registry::Registry& registry,
                                                  const StateFolder& state,
                                                  const Cleaning& cleaning,
                                                  const std::string& actor);

}  // namespace heirloom::daemon

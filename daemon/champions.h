// Acts upon a model's line of champions: going back to an earlier one, and barring a generation for
// good. Each is one transaction with its event; no model file is opened.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "registry/registry.h"

namespace heirloom::daemon {

struct Rollback {
  std::int64_t to = 0;               // a generation that was champion before
  std::optional<std::int64_t> from;  // the champion that the caller means to leave
  bool bar = true;                   // the one that is left
  std::string reason;
};

// A conflict when the champion is not (or no longer) `from`, when `to` never was champion or is
// barred, or when its artifact is not what its row says.
base::Result<void> roll_back(registry::Registry& registry, std::string_view model,
                             const Rollback& rollback, const std::string& actor);

// From then on the generation can be neither champion nor teacher. Not for the champion itself,
// nor while it is under way.
base::Result<void> bar_generation(registry::Registry& registry, std::string_view model,
                                  std::int64_t number, const std::string& reason,
                                  const std::string& actor);

// A conflict that says who barred it and why.
base::Result<void> check_not_barred(registry::Registry& registry,
                                    const registry::GenerationRow& generation);

}  // namespace heirloom::daemon

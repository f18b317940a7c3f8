// What changed between two answers of /v1/status, for `status --watch` off a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/json.h"

namespace heirloom::cli {

// Something runs, waits in a queue or is inspected: the picture will change by itself. A version
// that waits for data does not count, since only a person can bring that.
bool is_busy(const Json& status);

// One line a change; progress counts once every tenth. `before` may be null: then all is new.
std::vector<std::string> status_changes(const Json& before, const Json& now);

// Registrations that `before` lists and `now` does not: how they ended is in the registration.
std::vector<std::int64_t> ended_registrations(const Json& before, const Json& now);

}  // namespace heirloom::cli

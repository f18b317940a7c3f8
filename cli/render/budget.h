// How much of a holdout is spent, and what passes with the rest.
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"
#include "core/base/result.h"

namespace heirloom::cli {

// Adds "gates" to a holdout's budget: per gate of its policy what passes at the level in force, in
// words and as the share that passes nine times in ten. The policy's text becomes "policy_version".
base::Result<void> add_gates(Json& budget);

std::string render_budget(const Json& budget, const Style& style);

}  // namespace heirloom::cli

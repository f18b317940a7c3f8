// Certified accuracy against radius, as a table with bars.
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

// `shares` maps radius keys to shares: {"0.00": 0.98, "0.25": 0.97}.
std::string render_accuracy(const Json& shares, const Style& style);

}  // namespace heirloom::cli

// The judged gates of a generation: what was seen, the bound that decides, and what it had to be.
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

std::string render_gates(const Json& gates, const Style& style);

}  // namespace heirloom::cli

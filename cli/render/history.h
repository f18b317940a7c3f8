// One metric over the generations of a model (docs/api.md, history).
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

std::string render_history(const Json& history, const Style& style);

}  // namespace heirloom::cli

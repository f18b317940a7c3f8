// Generations as tables: `heirloom generation list` and `show` (docs/api.md, generations).
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

std::string render_generation_list(const Json& generations, const Style& style);
std::string render_generation(const std::string& model, const Json& generation, const Style& style);

}  // namespace heirloom::cli

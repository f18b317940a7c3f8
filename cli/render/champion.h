// The champion of a model (docs/api.md, champion).
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

std::string render_champion(const Json& champion, const Style& style);
// One line for each time that a generation became champion.
std::string render_champion_history(const Json& champions, const Style& style);

}  // namespace heirloom::cli

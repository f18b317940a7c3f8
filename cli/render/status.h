// `heirloom status`: everything about the models on one screen (docs/api.md, status).
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

std::string render_status(const Json& status, const Style& style);

}  // namespace heirloom::cli

// Who taught whom, as a tree (docs/api.md, lineage).
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

// A child is drawn under its teacher. A line of descent that would run out of the page goes on at
// the left margin, further down, under the same name.
std::string render_lineage(const Json& lineage, const Style& style);

}  // namespace heirloom::cli

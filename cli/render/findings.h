// What is to be said about a policy, one finding a line.
#pragma once

#include <string>
#include <vector>

#include "cli/render/style.h"

namespace heirloom::cli {

// Each finding is "error: ...", "warning: ..." or "note: ..."; long ones go on indented.
std::string render_findings(const std::vector<std::string>& findings, const Style& style);

}  // namespace heirloom::cli

// The audit chain (docs/api.md, audit).
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

std::string render_audit_log(const Json& events, const Style& style);
std::string render_audit_head(const Json& head, const Style& style);
// One line: intact, or the first bad row by name.
std::string render_audit_check(const Json& check, const Style& style);

}  // namespace heirloom::cli

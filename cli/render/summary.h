// What a certificate comes to: `heirloom certificate summary`.
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

// `summary`: {"n", "acr", "abstain_rate", "certified_accuracy": {radius: share}}.
std::string render_summary(const Json& summary, const Style& style);

}  // namespace heirloom::cli

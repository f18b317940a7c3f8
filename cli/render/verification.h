// What heirloom verify found.
#pragma once

#include <string>

#include "bundle/verify.h"
#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

// {"model", "generation", "verdict", "ok", "checks": [...], "first_difference": null}
Json verification_json(const bundle::Verification& found);
std::string render_verification(const bundle::Verification& found, const Style& style);

}  // namespace heirloom::cli

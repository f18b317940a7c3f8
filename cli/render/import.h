// What a certification log was found to be: `heirloom certificate import`.
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

// `found`: file, form, n, idx [first, last], labels, correct, abstained, wrong, largest_radius,
// sampling {mode, n0, n, alpha, sigma, id} or null, model_sha256 or null, warnings.
std::string render_import(const Json& found, const Style& style);

}  // namespace heirloom::cli

// A prediction as the daemon gives it (docs/api.md): for people, and as CSV.
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

std::string render_prediction(const Json& prediction, const Style& style);

// image,class,radius,p_lower,p_value,votes: class and radius empty for an abstention, votes as
// class:count pairs, most first, separated by blanks.
std::string prediction_to_csv(const Json& prediction);

}  // namespace heirloom::cli

// The built-in architectures and their parameters, for people and for programs.
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

std::string render_architectures(const Style& style);

// [{name, summary, parameters: [{name, meaning, type: "integer", default, minimum, maximum, step}
// or {name, meaning, type: "word", default, words}]}]
Json architectures_json();

}  // namespace heirloom::cli

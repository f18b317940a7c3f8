// Judged gates in words: what each asked, what it got, and what would have decided it.
#pragma once

#include <string>

#include "cli/json.h"
#include "cli/render/style.h"

namespace heirloom::cli {

// Adds "examples_that_decide" to each gate of an explanation or a dry run (null: none would).
void add_examples_that_decide(Json& judged);

std::string render_explanation(const Json& explanation, const Style& style);

}  // namespace heirloom::cli

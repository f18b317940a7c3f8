// The one rule for names that users give to models, versions and snapshots, and how far apart
// two words are (for did-you-mean).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace heirloom::base {

// [a-z0-9][a-z0-9._-]{0,63}: safe as a file name, in a URL and on a command line. `what` names
// the thing in the error ("model name").
Result<void> check_name(std::string_view what, std::string_view name);

// "g7" -> 7. Generations are numbered from 1 within a model.
Result<int> parse_generation(std::string_view text);

// The candidate nearest to `word` within two edits (Damerau-Levenshtein), if there is one.
std::optional<std::string> nearest_word(std::string_view word,
                                        std::span<const std::string> candidates);

}  // namespace heirloom::base

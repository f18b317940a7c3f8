// Text as it appears on a terminal: how wide it is, cut, padded and wrapped to fit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/render/style.h"

namespace heirloom::cli {

// Safe to print on one line: control characters become blanks, so that a message of a worker or a
// file name can neither break a table nor steer the terminal; bytes that are no UTF-8 become "?".
std::string printable(std::string_view text);

// Columns that printable UTF-8 takes: 2 for East Asian wide characters and emoji, 0 for combining
// marks. Not for text with colours.
std::size_t display_width(std::string_view text);

// At most `width` columns; what is cut ends in an ellipsis.
std::string clip(std::string_view text, std::size_t width, const Style& style);

// Blanks up to `width` columns, after the text or (right) before it.
std::string pad(std::string_view text, std::size_t width, bool right);

// Lines of at most `width` columns, broken at blanks where there are any. At least one line.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace heirloom::cli

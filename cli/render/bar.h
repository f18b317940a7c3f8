// Bars of a given width, in eighths of a column where Unicode allows.
#pragma once

#include <cstddef>
#include <string>

#include "cli/render/style.h"

namespace heirloom::cli {

// A framed progress bar; `share` is clamped to 0..1. Takes `width` columns, at least 3.
std::string progress_bar(double share, std::size_t width, const Style& style);

// A bar from zero for a table's cell; takes at most `width` columns, and none for 0 or NaN.
std::string value_bar(double share, std::size_t width, const Style& style);

}  // namespace heirloom::cli

// What the process's standard streams are connected to.
#pragma once

#include <cstddef>

#include "cli/render/style.h"

namespace heirloom::cli {

bool stdout_is_terminal();
bool stderr_is_terminal();

// How tables are drawn on standard output: as wide as the terminal (COLUMNS overrides it), without
// limit and colour off a terminal; no colour with `no_color`, NO_COLOR or TERM=dumb either; ASCII
// lines unless the locale is UTF-8.
Style style_of_stdout(bool no_color);

// Lines of the terminal on standard output; 0 when it is none.
std::size_t terminal_rows();

}  // namespace heirloom::cli

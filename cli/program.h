// The program `heirloom` from its arguments to its exit code.
#pragma once

#include <string>
#include <vector>

namespace heirloom::cli {

// `arguments` without the program's name. Prints; returns the exit code (cli/exit_code.h).
int run_program(const std::vector<std::string>& arguments);

}  // namespace heirloom::cli

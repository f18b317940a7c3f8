#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "cli/program.h"

int main(int argc, char** argv) {
  try {
    return heirloom::cli::run_program(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "heirloom: internal error: %s\n", error.what());
    return static_cast<int>(heirloom::cli::ExitCode::failed);
  }
}

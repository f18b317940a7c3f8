// The daemon put together: owns every long-lived part, starts them in order and stops them in
// reverse. One loop, one thread.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.h"

namespace heirloom::daemon {

struct Options {
  std::filesystem::path state;
  std::filesystem::path config;   // empty: every default
  std::filesystem::path program;  // heirloomd's own path; heirloom-worker is looked for beside it
};

// Runs until SIGTERM or SIGINT (exit code 0) or a failure that must end the process (1).
base::Result<int> run(const Options& options);

}  // namespace heirloom::daemon

// What the commands on certification logs share: which log, and how it was sampled where the log
// does not say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/options.h"
#include "core/base/result.h"
#include "core/certificate/log.h"

namespace heirloom::cli {

struct LogOptions {
  std::string file;
  std::optional<double> sigma;
  std::uint64_t draws = 100000;  // those of the papers; they count with --sigma only
  double alpha = 0.001;
};

// FILE, --sigma, --draws and --alpha.
void add_log_options(CLI::App& command, LogOptions& options);
// --confidence, of every interval that is shown.
void add_confidence_option(CLI::App& command, double& confidence);

// The log in FILE, with the sampling that was named.
base::Result<certificate::Log> read_named_log(const LogOptions& options);

}  // namespace heirloom::cli

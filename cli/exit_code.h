// The exit codes of `heirloom`, which scripts rely on. Never renumbered.
#pragma once

#include <string_view>

#include "core/base/result.h"

namespace heirloom::cli {

enum class ExitCode {
  done = 0,  // or promoted
  failed = 1,
  usage = 2,
  rejected = 3,
  held = 4,
  not_found = 5,
  unreachable = 6,  // no daemon answered, or it said that it cannot now
  conflict = 7,
};

ExitCode exit_code_for(base::ErrorKind kind);

// From a generation's state or a verdict: promoted, rejected, held; everything else has failed.
ExitCode exit_code_for_verdict(std::string_view verdict);

}  // namespace heirloom::cli

#include "cli/exit_code.h"

namespace heirloom::cli {

ExitCode exit_code_for(base::ErrorKind kind) {
  switch (kind) {
    case base::ErrorKind::usage:
      return ExitCode::usage;
    case base::ErrorKind::not_found:
      return ExitCode::not_found;
    case base::ErrorKind::conflict:
      return ExitCode::conflict;
    case base::ErrorKind::unavailable:
      return ExitCode::unreachable;
    case base::ErrorKind::bad_data:
    case base::ErrorKind::numerical:
    case base::ErrorKind::io:
    case base::ErrorKind::unsupported:
    case base::ErrorKind::tampered:
    case base::ErrorKind::internal:
      return ExitCode::failed;
  }
  return ExitCode::failed;
}

ExitCode exit_code_for_verdict(std::string_view verdict) {
  if (verdict == "promoted") return ExitCode::done;
  if (verdict == "rejected") return ExitCode::rejected;
  if (verdict == "held") return ExitCode::held;
  return ExitCode::failed;
}

}  // namespace heirloom::cli

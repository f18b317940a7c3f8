#include "core/base/result.h"

#include <cstring>

#include <fmt/format.h>

namespace heirloom::base {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::bad_data:
      return "bad_data";
    case ErrorKind::numerical:
      return "numerical";
    case ErrorKind::io:
      return "io";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::unavailable:
      return "unavailable";
    case ErrorKind::tampered:
      return "tampered";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

std::string Error::text() const {
  return hint.empty() ? message : fmt::format("{} ({})", message, hint);
}

tl::unexpected<Error> fail_errno(std::string_view operation, std::string_view path,
                                 int error_number) {
  const ErrorKind kind = error_number == ENOENT ? ErrorKind::not_found : ErrorKind::io;
  return fail(kind, fmt::format("cannot {} {}: {}", operation, path, std::strerror(error_number)));
}

}  // namespace heirloom::base

// How Heirloom reports failure: expected failures travel as Result<T>, never as exceptions.
// A rejected generation is a result, not an Error.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace heirloom::base {

// What kind of failure it is, so that the caller (exit code, HTTP status, retry) can act on it.
enum class ErrorKind {
  usage,        // the request itself is wrong; trying again cannot help
  not_found,    // it names something that does not exist
  conflict,     // it is at odds with what is stored, or with a state that has moved on
  bad_data,     // a file, model or message is damaged, or not what it says it is
  numerical,    // training diverged, or a value is not finite
  io,           // the operating system refused; the message carries its words
  unsupported,  // understood, but this build cannot do it
  unavailable,  // not now: try again
  tampered,     // stored evidence differs from what the audit chain recorded
  internal,     // a broken invariant: a bug
};

std::string_view to_string(ErrorKind kind);

// An error for people: `message` says what happened and where, `hint` what to do next (may be
// empty). Both are plain sentences without a trailing newline.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
  std::string hint;

  // "message" or "message (hint)": one line, for logs and terminals.
  std::string text() const;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message,
                                                std::string hint = {}) {
  return tl::unexpected<Error>(Error{kind, std::move(message), std::move(hint)});
}

// An I/O failure of `operation` on `path`, with the words for `error_number` (an errno value).
[[nodiscard]] tl::unexpected<Error> fail_errno(std::string_view operation, std::string_view path,
                                               int error_number);

}  // namespace heirloom::base

// Propagates the error of a Result<void>-like expression to the caller.
#define HEIRLOOM_TRY(expression)                                                            \
  do {                                                                                      \
    if (auto heirloom_result = (expression); !heirloom_result.has_value()) {                \
      return ::tl::unexpected<::heirloom::base::Error>(std::move(heirloom_result).error()); \
    }                                                                                       \
  } while (false)

#define HEIRLOOM_CONCAT_INNER(a, b) a##b
#define HEIRLOOM_CONCAT(a, b) HEIRLOOM_CONCAT_INNER(a, b)

// HEIRLOOM_ASSIGN(auto x, f()): x takes the value of f(), or the error goes to the caller.
#define HEIRLOOM_ASSIGN(declaration, expression) \
  HEIRLOOM_ASSIGN_INNER(HEIRLOOM_CONCAT(heirloom_value_, __LINE__), declaration, expression)
#define HEIRLOOM_ASSIGN_INNER(temporary, declaration, expression)                   \
  auto temporary = (expression);                                                    \
  if (!temporary.has_value()) {                                                     \
    return ::tl::unexpected<::heirloom::base::Error>(std::move(temporary).error()); \
  }                                                                                 \
  declaration = *std::move(temporary)

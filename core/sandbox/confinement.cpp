#include "core/sandbox/confinement.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace heirloom::sandbox {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::array kModes = {Mode::required, Mode::best_effort, Mode::off};

constexpr std::array<std::pair<std::string_view, std::uint64_t Limits::*>, 4> kLimits = {{
    {"memory_mib", &Limits::memory_mib},
    {"cpu_seconds", &Limits::cpu_seconds},
    {"open_files", &Limits::open_files},
    {"file_mib", &Limits::file_mib},
}};

// Takes "KEY=VALUE" and the space after it off the front of `text`; gives VALUE.
Result<std::string_view> take(std::string_view& text, std::string_view key) {
  const std::string_view word = text.substr(0, text.find(' '));
  if (!word.starts_with(key) || word.size() <= key.size() || word[key.size()] != '=') {
    return base::fail(ErrorKind::usage, fmt::format("\"{}\" stands where \"{}=\" belongs in {}",
                                                    word, key, kConfinementVariable));
  }
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word.substr(key.size() + 1);
}

Result<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) {
    return base::fail(ErrorKind::usage,
                      fmt::format("\"{}\" is no count in {}", text, kConfinementVariable));
  }
  return value;
}

}  // namespace

std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::required:
      return "required";
    case Mode::best_effort:
      return "best_effort";
    case Mode::off:
      return "off";
  }
  return "";
}

Result<Mode> parse_mode(std::string_view text) {
  for (const Mode mode : kModes) {
    if (to_string(mode) == text) return mode;
  }
  return base::fail(ErrorKind::usage, fmt::format("\"{}\" is no mode of the sandbox", text));
}

std::string to_text(const Confinement& confinement) {
  std::string text = fmt::format("mode={}", to_string(confinement.mode));
  for (const auto& [key, limit] : kLimits) {
    text += fmt::format(" {}={}", key, confinement.limits.*limit);
  }
  return text;
}

Result<Confinement> confinement_from_text(std::string_view text) {
  Confinement out;
  HEIRLOOM_ASSIGN(const std::string_view mode, take(text, "mode"));
  HEIRLOOM_ASSIGN(out.mode, parse_mode(mode));
  for (const auto& [key, limit] : kLimits) {
    HEIRLOOM_ASSIGN(const std::string_view value, take(text, key));
    HEIRLOOM_ASSIGN(out.limits.*limit, parse_count(value));
  }
  if (!text.empty()) {
    return base::fail(ErrorKind::usage,
                      fmt::format("\"{}\" is too much in {}", text, kConfinementVariable));
  }
  return out;
}

}  // namespace heirloom::sandbox

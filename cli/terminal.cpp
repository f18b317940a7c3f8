#include "cli/terminal.h"

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace heirloom::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

winsize window() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return size;
}

// The locale's encoding by the rule of setlocale(3): LC_ALL, then LC_CTYPE, then LANG.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string_view::npos ||
           value.find("utf8") != std::string_view::npos ||
           value.find("utf-8") != std::string_view::npos;
  }
  return false;
}

std::size_t columns() {
  const std::string wanted(environment("COLUMNS"));
  const unsigned long value = std::strtoul(wanted.c_str(), nullptr, 10);
  if (value >= 20 && value <= 10'000) return value;
  if (!stdout_is_terminal()) return kUnlimitedWidth;
  constexpr std::size_t kUsualWidth = 80;
  const std::size_t found = window().ws_col;
  return found == 0 ? kUsualWidth : found;
}

}  // namespace

bool stdout_is_terminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}
bool stderr_is_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

Style style_of_stdout(bool no_color) {
  Style style;
  style.width = columns();
  style.colour = stdout_is_terminal() && !no_color && environment("NO_COLOR").empty() &&
                 environment("TERM") != "dumb";
  style.unicode = locale_is_utf8();
  return style;
}

std::size_t terminal_rows() {
  return stdout_is_terminal() ? window().ws_row : 0;
}

}  // namespace heirloom::cli

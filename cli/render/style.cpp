#include "cli/render/style.h"

namespace heirloom::cli {
namespace {

std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::strong:
      return "\x1b[1m";
    case Tone::dim:
      return "\x1b[2m";
    case Tone::good:
      return "\x1b[32m";
    case Tone::bad:
      return "\x1b[31m";
    case Tone::warn:
      return "\x1b[33m";
  }
  return "";
}

}  // namespace

std::string paint(std::string_view text, Tone tone, const Style& style) {
  if (!style.colour || tone == Tone::plain || text.empty()) return std::string(text);
  return std::string(escape_of(tone)).append(text).append("\x1b[0m");
}

Tone tone_of_state(std::string_view state) {
  if (state == "promoted" || state == "registered") return Tone::good;
  if (state == "rejected" || state == "failed" || state == "error" || state == "refused") {
    return Tone::bad;
  }
  if (state == "held") return Tone::warn;
  return Tone::plain;
}

}  // namespace heirloom::cli

#include "cli/render/verification.h"

#include <fmt/format.h>

#include "cli/render/text.h"

namespace heirloom::cli {

Json verification_json(const bundle::Verification& found) {
  return {{"model", found.model},
          {"generation", found.generation},
          {"verdict", found.verdict},
          {"ok", !found.difference},
          {"checks", found.checks},
          {"first_difference", found.difference ? Json(*found.difference) : Json(nullptr)}};
}

std::string render_verification(const bundle::Verification& found, const Style& style) {
  std::string out;
  const auto add = [&](const std::string& mark, const std::string& line, Tone tone) {
    std::string indent = mark;
    for (const std::string& part : wrap(printable(line), style.width - mark.size())) {
      out += indent + paint(part, tone, style) + "\n";
      indent.assign(mark.size(), ' ');
    }
  };
  for (const std::string& check : found.checks) add("  same  ", check, Tone::plain);
  const std::string what = printable(fmt::format("{} {}", found.model, found.generation));
  if (found.difference) {
    add("  DIFFERS  ", *found.difference, Tone::bad);
    out += paint(what + ": not verified\n", Tone::bad, style);
  } else {
    out += paint(fmt::format("{}: {}, as its evidence says\n", what, printable(found.verdict)),
                 Tone::good, style);
  }
  return out;
}

}  // namespace heirloom::cli

#include "cli/render/findings.h"

#include "cli/render/text.h"

namespace heirloom::cli {
namespace {

Tone tone_of(const std::string& finding) {
  if (finding.rfind("error:", 0) == 0) return Tone::bad;
  if (finding.rfind("warning:", 0) == 0) return Tone::warn;
  return Tone::plain;
}

}  // namespace

std::string render_findings(const std::vector<std::string>& findings, const Style& style) {
  constexpr std::size_t kIndent = 2;
  std::string out;
  for (const std::string& finding : findings) {
    std::string indent;
    const std::size_t room =
        style.width == kUnlimitedWidth ? kUnlimitedWidth : style.width - kIndent;
    for (const std::string& line : wrap(printable(finding), room)) {
      out += indent + paint(line, tone_of(finding), style) + "\n";
      indent = std::string(kIndent, ' ');
    }
  }
  return out;
}

}  // namespace heirloom::cli

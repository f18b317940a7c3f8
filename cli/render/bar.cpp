#include "cli/render/bar.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace heirloom::cli {
namespace {

constexpr std::array<std::string_view, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

double clamped(double share) {
  return std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
}

}  // namespace

std::string progress_bar(double share, std::size_t width, const Style& style) {
  const std::size_t inner = std::max<std::size_t>(width, 3) - 2;
  // Rounded down: a bar is full only when the work is done.
  const auto full = static_cast<std::size_t>(clamped(share) * static_cast<double>(inner));
  std::string out = "[";
  for (std::size_t i = 0; i < inner; ++i) {
    const bool filled = i < full;
    out += style.unicode ? (filled ? "█" : "░") : (filled ? "#" : ".");
  }
  return out + "]";
}

std::string value_bar(double share, std::size_t width, const Style& style) {
  const double length = clamped(share) * static_cast<double>(width);
  std::string out;
  if (!style.unicode) return std::string(static_cast<std::size_t>(std::lround(length)), '#');
  const auto eighths = static_cast<std::size_t>(std::lround(length * 8));
  for (std::size_t i = 0; i < eighths / 8; ++i) out += "█";
  return out.append(kEighths[eighths % 8]);
}

}  // namespace heirloom::cli

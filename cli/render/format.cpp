#include "cli/render/format.h"

#include <cmath>

#include <fmt/format.h>

#include "cli/render/text.h"

namespace heirloom::cli {

std::string percent(std::optional<double> share) {
  return share && std::isfinite(*share) ? fmt::format("{:.1f}%", *share * 100.0) : "-";
}

std::string decimal(std::optional<double> value) {
  return value && std::isfinite(*value) ? fmt::format("{:.3f}", *value) : "-";
}

std::string metric_value(std::string_view metric, std::optional<double> value) {
  if (metric == "training_cost") return duration(value);
  const bool is_share = metric.substr(0, 3) != "acr" && metric != "pa_quantile";
  return is_share ? percent(value) : decimal(value);
}

std::string grouped(std::optional<std::int64_t> count) {
  if (!count) return "-";
  std::string digits = fmt::format("{}", *count);
  const std::size_t first = *count < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string duration(std::optional<double> seconds) {
  if (!seconds || !std::isfinite(*seconds) || *seconds < 0) return "-";
  if (*seconds < 59.95) return fmt::format("{:.1f}s", *seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(*seconds));
  if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  return fmt::format("{}h {:02}m", whole / 3600, whole % 3600 / 60);
}

std::string short_time(std::string_view iso8601) {
  constexpr std::size_t kMinutes = 16;  // YYYY-MM-DDTHH:MM
  if (iso8601.size() < kMinutes || iso8601[10] != 'T') return or_dash(printable(iso8601));
  std::string out = printable(iso8601.substr(0, kMinutes));
  out[10] = ' ';
  return out;
}

std::string short_hash(std::string_view hex) {
  constexpr std::size_t kShown = 12;
  return or_dash(printable(hex.substr(0, kShown)));
}

std::string or_dash(std::string text) {
  return text.empty() ? "-" : text;
}

}  // namespace heirloom::cli

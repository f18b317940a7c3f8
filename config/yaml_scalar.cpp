#include "config/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace heirloom::config {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <typename Number>
std::optional<Number> whole_text(std::string_view text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

// 007 is seven to us and octal to YAML 1.1; 0.7 is a number to both.
bool has_leading_zero(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && is_digit(text[1]);
}

}  // namespace

std::optional<std::int64_t> whole_number(std::string_view text) {
  if (has_leading_zero(text)) return std::nullopt;
  return whole_text<std::int64_t>(text);
}

std::optional<double> decimal_number(std::string_view text) {
  // Also keeps out "inf" and "nan", which from_chars reads.
  const auto allowed = [](char c) {
    return is_digit(c) || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
  };
  if (has_leading_zero(text) || !std::all_of(text.begin(), text.end(), allowed)) {
    return std::nullopt;
  }
  const auto value = whole_text<double>(text);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return *value == 0.0 ? 0.0 : *value;  // no -0: it would be printed, and stored, as another value
}

std::optional<bool> truth_value(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> duration_value(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits = {
      {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  const auto unit_begin = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = static_cast<std::size_t>(unit_begin - text.begin());
  const auto number = whole_number(text.substr(0, digits));
  if (!number) return std::nullopt;
  for (const auto& [unit, milliseconds] : kUnits) {
    if (text.substr(digits) != unit) continue;
    if (*number > std::numeric_limits<std::int64_t>::max() / milliseconds) return std::nullopt;
    return std::chrono::milliseconds(*number * milliseconds);
  }
  return std::nullopt;
}

bool is_ambiguous_word(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  constexpr std::array<std::string_view, 10> kWords = {"y",   "n",    "yes",   "no",   "on",
                                                       "off", "true", "false", "null", "~"};
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

}  // namespace heirloom::config

#include "config/yaml_words.h"

#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/names.h"

namespace heirloom::config {

std::string shortened(std::string_view text) {
  constexpr std::size_t kShown = 60;
  if (text.size() <= kShown) return std::string(text);
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string what_is(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "has no value";
    case YamlNode::Kind::scalar:
      return fmt::format("is \"{}\"{}", shortened(node.text), node.quoted ? " in quotes" : "");
    case YamlNode::Kind::list:
      return node.items.empty() ? "is an empty list" : "is a list";
    case YamlNode::Kind::map:
      return "is a map";
  }
  return "is something else";
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const auto nearest = base::nearest_word(word, candidates);
  return nearest ? fmt::format("did you mean `{}`?", *nearest) : std::string();
}

std::string range_text(const KeyRule& rule) {
  std::vector<std::string> parts;
  if (rule.minimum) parts.push_back(fmt::format("at least {}", *rule.minimum));
  if (rule.above) parts.push_back(fmt::format("above {}", *rule.above));
  if (rule.maximum) parts.push_back(fmt::format("at most {}", *rule.maximum));
  if (rule.below) parts.push_back(fmt::format("below {}", *rule.below));
  return fmt::format("{}", fmt::join(parts, " and "));
}

std::string type_text(const KeyRule& rule) {
  if (rule.type == "integer") return "a whole number";
  if (rule.type == "boolean") return "true or false";
  if (!rule.words.empty()) return fmt::format("{}", fmt::join(rule.words, " or "));
  if (rule.unit == "duration") return "a duration";
  if (rule.type == "string") return "a text";
  return "a " + rule.type;
}

std::string duration_text(double milliseconds) {
  constexpr std::array<std::pair<std::string_view, double>, 4> kUnits = {
      {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1000}}};
  for (const auto& [unit, length] : kUnits) {
    if (std::fmod(milliseconds, length) == 0.0)
      return fmt::format("{}{}", milliseconds / length, unit);
  }
  return fmt::format("{}ms", milliseconds);
}

}  // namespace heirloom::config

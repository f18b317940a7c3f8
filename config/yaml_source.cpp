#include "config/yaml_source.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

namespace heirloom::config {
namespace {

constexpr std::size_t kWholeFile = 0;
constexpr std::string_view kSaveAs = "save the file as UTF-8 without a byte order mark";

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0: not UTF-8
};

// The first character of `text`, which is not empty. No overlong forms, no surrogates.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
  std::uint32_t code = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!continues(text[i])) return {};
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[bytes] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, bytes};
}

// What ends a line for some readers and not for others, turns the order of what is shown, or cannot
// be seen at all: with it a file is not what it seems to be. (yaml-cpp ends a file at U+0004.)
bool is_hidden(std::uint32_t code) {
  const auto within = [code](std::uint32_t low, std::uint32_t high) {
    return code >= low && code <= high;
  };
  if (code == '\t' || code == '\n' || code == '\r') return false;
  return code < 0x20 || within(0x7F, 0x9F) || code == 0xAD || within(0x200B, 0x200F) ||
         within(0x2028, 0x202E) || within(0x2060, 0x206F) || code == 0xFEFF ||
         within(0xFFF9, 0xFFFB) || (code & 0xFFFEU) == 0xFFFE;
}

}  // namespace

YamlSource::YamlSource(std::string_view text) : text_(text), line_begins_{0} {
  int characters = 0;
  characters_before_.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    characters_before_.push_back(characters);
    if (!continues(text[i])) ++characters;
    if (text[i] == '\n') line_begins_.push_back(i + 1);
  }
  characters_before_.push_back(characters);
}

std::string_view YamlSource::line(std::size_t number) const {
  const std::size_t begin = line_begins_[number];
  const std::size_t end = text_.find('\n', begin);
  std::string_view line = text_.substr(begin, end == text_.npos ? end : end - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::size_t YamlSource::offset_of(int line, int column) const {
  if (line < 0 || column < 0) return kWholeFile;
  const std::size_t number = std::min(static_cast<std::size_t>(line), line_begins_.size() - 1);
  return std::min(line_begins_[number] + static_cast<std::size_t>(column), text_.size());
}

Place YamlSource::place_of(std::size_t offset) const {
  const auto after = std::upper_bound(line_begins_.begin(), line_begins_.end(), offset);
  const int column = characters_before_[offset] - characters_before_[*(after - 1)] + 1;
  return {static_cast<int>(after - line_begins_.begin()), column};
}

std::optional<Refusal> check_characters(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) {
    return Refusal{kWholeFile, "the file begins with a byte order mark", std::string(kSaveAs)};
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return Refusal{kWholeFile, "the file is UTF-16 or UTF-32, not UTF-8", std::string(kSaveAs)};
  }
  for (std::size_t i = 0; i < text.size();) {
    const Character character = first_character(text.substr(i));
    if (character.bytes == 0) {
      return Refusal{i,
                     fmt::format("byte 0x{:02X} is not UTF-8", static_cast<unsigned char>(text[i])),
                     std::string(kSaveAs)};
    }
    if (is_hidden(character.code)) {
      return Refusal{
          i, fmt::format("the invisible character U+{:04X} is not allowed", character.code)};
    }
    if (character.code == '\r' && !text.substr(i + 1).starts_with('\n')) {
      return Refusal{i, "a carriage return (U+000D) without a line feed is not allowed",
                     "end lines as Unix or as Windows does"};
    }
    i += character.bytes;
  }
  return std::nullopt;
}

}  // namespace heirloom::config

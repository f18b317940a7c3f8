#include "core/base/names.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

namespace heirloom::base {
namespace {

constexpr std::size_t kMaxNameLength = 64;
constexpr std::size_t kMaxEdits = 2;

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Optimal string alignment distance: insertions, deletions, substitutions, adjacent swaps.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) rows[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
  }
  return rows[a.size()][b.size()];
}

// At most `bytes` of `text`, which is UTF-8, without half a character at the end.
std::string_view beginning(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

Result<void> check_name(std::string_view what, std::string_view name) {
  const auto allowed = [](char c) {
    return is_lower_or_digit(c) || c == '.' || c == '_' || c == '-';
  };
  if (name.empty() || name.size() > kMaxNameLength || !is_lower_or_digit(name.front()) ||
      !std::all_of(name.begin(), name.end(), allowed)) {
    return fail(ErrorKind::usage,
                fmt::format("\"{}\" is not a {}", beginning(name, kMaxNameLength), what),
                "1 to 64 of a-z 0-9 . _ -, beginning with a letter or digit");
  }
  return {};
}

Result<int> parse_generation(std::string_view text) {
  int number = 0;
  const char* end = text.data() + text.size();
  if (text.size() >= 2 && text.front() == 'g') {
    const auto [rest, error] = std::from_chars(text.data() + 1, end, number);
    if (error == std::errc() && rest == end && number >= 1) return number;
  }
  return fail(ErrorKind::usage, fmt::format("\"{}\" is not a generation", text),
              "generations are written g1, g2, ...");
}

std::optional<std::string> nearest_word(std::string_view word,
                                        std::span<const std::string> candidates) {
  std::optional<std::string> best;
  std::size_t best_distance = kMaxEdits + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    // Two edits turn any two-letter word into any other: ask that most letters agree.
    if (distance < best_distance && distance * 2 <= std::max(word.size(), candidate.size())) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace heirloom::base

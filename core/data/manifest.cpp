#include "core/data/manifest.h"

#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace heirloom::data {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::string_view kHeader = "path\tbytes\tsha256\tclass";
constexpr std::size_t kColumns = 4;

bool parse_whole(std::string_view text, std::uint64_t most, std::uint64_t& value) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && rest == text.data() + text.size() && value <= most;
}

// A path that stays within the folder: CLASS/NAME, neither empty nor hidden.
bool is_plain(std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || path.find('/', slash + 1) != std::string_view::npos) {
    return false;
  }
  return slash > 0 && slash + 1 < path.size() && path[0] != '.' && path[slash + 1] != '.';
}

// False: the line is none of a manifest.
bool parse_line(std::string_view line, ManifestEntry& entry) {
  std::array<std::string_view, kColumns> columns;
  for (std::size_t i = 0; i < kColumns; ++i) {
    const std::size_t tab = line.find('\t');
    if ((tab == std::string_view::npos) != (i + 1 == kColumns)) return false;
    columns[i] = line.substr(0, tab);
    if (i + 1 < kColumns) line.remove_prefix(tab + 1);
  }
  const auto digest = base::Digest::from_hex(columns[2]);
  std::uint64_t label = 0;
  if (!is_plain(columns[0]) || !digest ||
      !parse_whole(columns[1], std::numeric_limits<std::uint64_t>::max(), entry.bytes) ||
      !parse_whole(columns[3], std::numeric_limits<std::uint16_t>::max(), label)) {
    return false;
  }
  entry.path = columns[0];
  entry.sha256 = *digest;
  entry.label = static_cast<std::uint16_t>(label);
  return true;
}

}  // namespace

std::string manifest_text(const std::vector<ManifestEntry>& entries) {
  std::string text = fmt::format("{}\n", kHeader);
  for (const ManifestEntry& entry : entries) {
    text +=
        fmt::format("{}\t{}\t{}\t{}\n", entry.path, entry.bytes, entry.sha256.hex(), entry.label);
  }
  return text;
}

Result<std::vector<ManifestEntry>> parse_manifest(std::string_view text, std::string_view origin) {
  std::vector<ManifestEntry> entries;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    const std::string_view words = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const bool fits = end != std::string_view::npos &&
                      (line == 1 ? words == kHeader : parse_line(words, entries.emplace_back()));
    if (!fits) {
      return base::fail(ErrorKind::bad_data,
                        fmt::format("{}: line {} is no line of a manifest", origin, line));
    }
  }
  if (entries.empty()) {
    return base::fail(ErrorKind::bad_data, fmt::format("{} names no files", origin));
  }
  return entries;
}

}  // namespace heirloom::data

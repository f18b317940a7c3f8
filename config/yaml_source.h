// The text of a YAML file with its lines, before anything is read into it; private to config/.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml_document.h"

namespace heirloom::config {

// Why a text is refused, and the byte at which it shows.
struct Refusal {
  std::size_t offset = 0;
  std::string message;
  std::string hint{};
};

// `text` outlives it.
class YamlSource {
 public:
  explicit YamlSource(std::string_view text);

  std::string_view text() const { return text_; }
  std::size_t lines() const { return line_begins_.size(); }
  // Without the line's end, be it LF or CR LF. From 0.
  std::string_view line(std::size_t number) const;
  std::size_t line_begin(std::size_t number) const { return line_begins_[number]; }
  // The byte at line and column (bytes, both from 0), or the last one that is there.
  std::size_t offset_of(int line, int column) const;
  // Columns count characters: what an editor shows.
  Place place_of(std::size_t offset) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> line_begins_;
  // How many characters begin before each byte: a file of one long line is asked for many places.
  std::vector<int> characters_before_;
};

// UTF-8 without a byte order mark, in which every character can be seen.
std::optional<Refusal> check_characters(std::string_view text);

}  // namespace heirloom::config

// One YAML document as a plain tree, each part with its place. What YAML offers beyond maps, lists
// and scalars of one line (anchors, aliases, tags, merge keys, directives, several documents, block
// texts) is refused, and so are characters that cannot be seen: it makes a file mean something else
// than it seems to.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace heirloom::config {

inline constexpr std::size_t kMaxYamlBytes = std::size_t{256} * 1024;
inline constexpr std::size_t kMaxYamlNodes = 10'000;
inline constexpr std::size_t kMaxYamlDepth = 16;
inline constexpr std::size_t kMaxYamlTextBytes = 4096;  // of one scalar: as long as a path can be

// Line and column, from 1. Columns count characters.
struct Place {
  int line = 1;
  int column = 1;
};

struct YamlKey {
  std::string text;
  Place place;
};

struct YamlMember;

struct YamlNode {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  Place place;                      // of a value that is left out: its key or dash
  std::string text;                 // scalar
  bool quoted = false;              // scalar: written in quotes, and so always a text
  std::vector<YamlNode> items;      // list
  std::vector<YamlMember> members;  // map, in the order written; keys differ
};

struct YamlMember {
  YamlKey key;
  YamlNode value;
};

// "origin:line:column: message" as a usage error.
tl::unexpected<base::Error> fail_at(std::string_view origin, Place place, std::string message,
                                    std::string hint = {});

// The one document of `text`. Errors name `origin`, line and column; what is wrong with the whole
// file stands at 1:1.
base::Result<YamlNode> parse_yaml(std::string_view text, std::string_view origin);

}  // namespace heirloom::config

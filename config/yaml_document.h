// One YAML document as a plain tree, each part with its place. What YAML offers beyond maps, lists
// and scalars (anchors, aliases, tags, merge keys, several documents) is refused: it makes a file
// mean something else than it seems to.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace heirloom::config {

inline constexpr std::size_t kMaxYamlBytes = std::size_t{256} * 1024;
inline constexpr std::size_t kMaxYamlNodes = 10'000;
inline constexpr std::size_t kMaxYamlDepth = 16;

// Line and column, from 1.
struct Place {
  int line = 1;
  int column = 1;
};

struct YamlKey {
  std::string text;
  Place place;
};

struct YamlNode {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  Place place;
  std::string text;             // scalar
  bool quoted = false;          // scalar: written in quotes or as a block, and so always a text
  std::vector<YamlNode> items;  // list
  std::vector<std::pair<YamlKey, YamlNode>> members;  // map, in the order written; keys differ
};

// "origin:line:column: message" as a usage error.
tl::unexpected<base::Error> fail_at(std::string_view origin, Place place, std::string message,
                                    std::string hint = {});

// The one document of `text`. Errors name `origin`, line and column.
base::Result<YamlNode> parse_yaml(std::string_view text, std::string_view origin);

}  // namespace heirloom::config

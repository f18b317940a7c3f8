// The keys of a kind of file, read from its JSON Schema (2020-12), which is the one list of them:
// names, types, ranges, defaults and words, for the reader of YAML, for did-you-mean and for the
// reference pages. Our own annotations:
//   x-unit        what a number counts or measures
//   x-immutable   true: may not differ from the first policy of a model
//   x-defaults    for each choice of the map's `method` that the key belongs to: its default there
//   x-free-keys   true: a map whose keys are the user's own
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heirloom::config {

struct KeyRule {
  std::string name;
  std::string type;  // string, number, integer, boolean, array, object, or several joined by "or"
  bool required = false;
  bool immutable = false;
  bool free_keys = false;
  // Of a number, of each number in a list, or of a duration in milliseconds.
  std::optional<double> minimum;  // inclusive
  std::optional<double> maximum;
  std::optional<double> above;  // exclusive
  std::optional<double> below;
  std::vector<std::string> words;  // allowed texts; empty: any
  std::optional<std::string> default_text;
  // The choice of a sibling key and the default there; empty: the key does not depend on one.
  std::vector<std::pair<std::string, std::string>> defaults;
  std::string unit;
  std::string description;
  std::vector<KeyRule> keys;  // of an object, or of the objects in a list

  const KeyRule* find(std::string_view key) const;
  // Whether the key means something where `choice` was made.
  bool belongs_to(std::string_view choice) const;
  std::optional<std::string> default_for(std::string_view choice) const;
};

// From the files in this folder, parsed once.
const KeyRule& policy_rules();
const KeyRule& settings_rules();
const KeyRule& inbox_version_rules();
const KeyRule& inbox_snapshot_rules();

// The text of policy.schema.json.
std::string_view policy_schema_text();

// Throws std::runtime_error: a schema that cannot be read is a bug of this build.
KeyRule rules_from_schema(std::string_view schema);

}  // namespace heirloom::config

// Typed access to one map of a YAML document under the rules of its schema. Types, ranges, words
// and defaults come from the schema; the first error is kept, with its file, line and column, and
// later reads give defaults, so that a reader is a plain list of keys.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/schema.h"
#include "config/yaml_document.h"
#include "core/base/result.h"

namespace heirloom::config {

// The first thing that is wrong with one document.
class YamlProblem {
 public:
  explicit YamlProblem(std::string origin) : origin_(std::move(origin)) {}

  void report(Place place, std::string message, std::string hint = {});
  bool found() const { return error_.has_value(); }
  const base::Error& error() const { return *error_; }

 private:
  std::string origin_;
  std::optional<base::Error> error_;
};

// Not thread-safe; `node`, `rule` and `problem` outlive it. Its construction refuses unknown
// and missing keys. Asking for a key that is not in the schema, and leaving a key of
// the document unread, are bugs of the caller, reported as internal errors.
class YamlReader {
 public:
  YamlReader(const YamlNode& node, const KeyRule& rule, std::string path, YamlProblem& problem);

  // From now on absent keys have the defaults of `choice`. Refuses the keys of this map that belong
  // to other choices only; `kind` says what is chosen ("method").
  void choose(std::string_view kind, std::string choice);

  bool has(const char* key) const { return member(key) != nullptr; }
  // Where the key's value is; the map itself when the key is absent.
  Place place_of(const char* key) const;

  std::string text(const char* key);
  std::string word(const char* key);  // one of the schema's words
  std::int64_t integer(const char* key);
  int small_integer(const char* key) { return static_cast<int>(integer(key)); }
  std::uint64_t natural(const char* key) { return static_cast<std::uint64_t>(integer(key)); }
  double number(const char* key);
  bool boolean(const char* key);
  std::chrono::milliseconds duration(const char* key);
  std::vector<std::int64_t> integers(const char* key, std::size_t length);
  // Of any length, each more than the one before; empty when the key is absent.
  std::vector<std::int64_t> ascending_integers(const char* key);
  // One text, or a list of one or more.
  std::vector<std::string> one_or_more_texts(const char* key);
  // A list of the schema's words, one or more and none twice; empty when the key is absent.
  std::vector<std::string> words(const char* key);
  // A map whose keys are the user's own, values as written.
  std::vector<YamlMember> free_map(const char* key);

  // The value as it stands in the document, for what has a grammar of its own. Null if absent.
  const YamlNode* raw(const char* key);
  // The map under `key`, by its own rules. An absent one is an empty map.
  YamlReader map(const char* key);
  // The maps in the list under `key`.
  std::vector<YamlReader> maps(const char* key);

  // Holds `value`, found under `key`, against the range of its rule. `part` begins the message
  // where the value is a part of what is written there ("the margin of ").
  void check_range(const char* key, double value, std::string_view part = {});

  void report(const char* key, std::string message, std::string hint = {});
  YamlProblem& problem() { return *problem_; }
  std::string path_of(std::string_view key) const;
  Place place() const { return node_->place; }
  void done();  // every key of the document has been read

 private:
  void check_keys();
  const YamlNode* member(std::string_view key) const;
  const KeyRule& rule_of(const char* key);
  void report_unknown(const YamlKey& key, const YamlNode& value);
  // Reports a text that is empty or that other readers of YAML take for something else.
  void check_text(const std::string& path, const YamlNode& value);
  // The scalar under `key`: as written, else the schema's default. Null after an error.
  std::optional<std::string> scalar(const char* key, bool may_be_quoted);

  const YamlNode* node_;
  const KeyRule* rule_;
  std::string path_;
  std::string choice_;
  YamlProblem* problem_;
  std::vector<std::string> read_;
};

}  // namespace heirloom::config

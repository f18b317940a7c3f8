// Strict reading of JSON objects, private to core/jobs: every field is asked for by name, with its
// type and range, and a field that nobody asked for is an error. The first problem is kept and
// later reads return defaults, so that a reader is a plain list of fields.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/digest.h"
#include "core/base/result.h"

namespace heirloom::jobs {

using Json = nlohmann::json;

inline constexpr std::int64_t kMaxInt64 = std::numeric_limits<std::int64_t>::max();
inline constexpr std::uint64_t kMaxUint64 = std::numeric_limits<std::uint64_t>::max();

// What went wrong first in one document.
class Problem {
 public:
  // `document` names what is read ("job"); `kind` is the kind of every error about it.
  Problem(std::string document, base::ErrorKind kind);

  // "job: field `task.settings.epochs` is missing"
  void report(const std::string& field, std::string_view what);
  void keep(base::Error error);
  bool found() const { return error_.has_value(); }
  const base::Error& error() const { return *error_; }
  const std::string& document() const { return document_; }

 private:
  std::string document_;
  base::ErrorKind kind_;
  std::optional<base::Error> error_;
};

// The document as JSON; refuses what is no JSON and objects that name a field twice.
Json parse_json(std::string_view text, Problem& problem);

// One line, keys sorted. Bytes that are no UTF-8 are replaced.
std::string dump(const Json& json);

// Reads one object. `problem` and `value` outlive it.
class ObjectReader {
 public:
  ObjectReader(const Json& value, std::string path, Problem& problem);

  std::string text(const char* name);
  std::string required_text(const char* name);  // not empty
  bool boolean(const char* name);
  std::int64_t integer(const char* name, std::int64_t low, std::int64_t high = kMaxInt64);
  int small_integer(const char* name, int low, int high = std::numeric_limits<int>::max());
  std::uint64_t natural(const char* name, std::uint64_t low = 0, std::uint64_t high = kMaxUint64);
  double real(const char* name, double low, double high = std::numeric_limits<double>::infinity());
  double positive(const char* name);
  base::Digest digest(const char* name);
  std::vector<std::uint64_t> naturals(const char* name, std::uint64_t high = kMaxUint64);
  std::vector<double> reals(const char* name, std::size_t count);  // finite, that many
  std::vector<std::string> texts(const char* name);

  bool is_null(const char* name);  // null, as against an object
  bool has(const char* name) const;
  ObjectReader object(const char* name);
  // A reader of an item that each_item or each_member gave.
  ObjectReader nested(const Json& item, const std::string& path) const {
    return ObjectReader(item, path, *problem_);
  }
  // Calls `read` with each member of an object or item of an array, as (key or "", value, path).
  using Visit = std::function<void(const std::string&, const Json&, const std::string&)>;
  void each_member(const char* name, const Visit& read);
  void each_item(const char* name, const Visit& read);

  // A word out of a fixed set, by the enum's own parser.
  template <typename Enum>
  Enum word(const char* name, base::Result<Enum> (*parse)(std::string_view)) {
    const std::string value = text(name);
    if (problem_->found()) return Enum{};
    const base::Result<Enum> parsed = parse(value);
    if (!parsed.has_value()) report(name, parsed.error().message);
    return parsed.value_or(Enum{});
  }

  void report(const char* name, std::string_view what);
  bool failed() const { return problem_->found(); }
  void done();  // refuses fields that were not asked for

 private:
  const Json* field(const char* name);
  std::string path_of(std::string_view name) const;

  const Json* value_;
  std::string path_;
  Problem* problem_;
  std::vector<std::string> asked_;
};

}  // namespace heirloom::jobs

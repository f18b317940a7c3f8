// Strict reading of one JSON object; private to core/certificate. The first problem is kept and
// later reads return zero, so that a reader is a plain list of fields.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/result.h"

namespace heirloom::certificate {

// The document; refuses what is no JSON (naming `origin` and the line) and objects that name a
// field twice, or nest far too deep.
base::Result<nlohmann::json> parse_json(std::string_view text, std::string_view origin);

// `object` outlives it.
class JsonObject {
 public:
  explicit JsonObject(const nlohmann::json& object);

  template <typename Integer>
  Integer integer(const char* name) {
    const nlohmann::json* value = field(name);
    if (value == nullptr) return 0;
    if (value->is_number_unsigned() && std::in_range<Integer>(value->get<std::uint64_t>())) {
      return static_cast<Integer>(value->get<std::uint64_t>());
    }
    if (value->is_number_integer() && !value->is_number_unsigned() &&
        std::in_range<Integer>(value->get<std::int64_t>())) {
      return static_cast<Integer>(value->get<std::int64_t>());
    }
    report(name, "is not such an integer");
    return 0;
  }
  double real(const char* name);
  std::string text(const char* name);
  bool has(const char* name) const { return object_->contains(name); }
  // The value itself, for the caller to check; null when there is none.
  const nlohmann::json& any(const char* name);

  // The first problem, else a field that was not asked for.
  base::Result<void> done() const;

 private:
  const nlohmann::json* field(const char* name);
  void report(std::string_view name, std::string_view what);

  const nlohmann::json* object_;
  std::vector<std::string> asked_;
  std::optional<std::string> problem_;
};

}  // namespace heirloom::certificate

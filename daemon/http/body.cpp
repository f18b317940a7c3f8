#include "daemon/http/body.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "core/base/names.h"

namespace heirloom::daemon {

using base::ErrorKind;
using Json = nlohmann::json;

base::Result<void> check_fields(const Json& object, std::initializer_list<std::string_view> known) {
  const std::vector<std::string> words(known.begin(), known.end());
  for (const auto& [key, value] : object.items()) {
    if (std::find(words.begin(), words.end(), key) != words.end()) continue;
    const auto near = base::nearest_word(key, words);
    return base::fail(ErrorKind::usage, fmt::format("unknown field \"{}\"", key),
                      near ? fmt::format("did you mean \"{}\"?", *near) : "");
  }
  return {};
}

base::Result<Json> parse_body(const ApiRequest& request,
                              std::initializer_list<std::string_view> known) {
  Json body = Json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return base::fail(ErrorKind::usage, "the body must be a JSON object");
  HEIRLOOM_TRY(check_fields(body, known));
  return body;
}

base::Result<std::string> text_field(const Json& object, const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) {
    return base::fail(ErrorKind::usage, fmt::format("\"{}\" must be a string", name));
  }
  return found->get<std::string>();
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

base::Result<std::int64_t> integer_parameter(const ApiRequest& request, const std::string& name,
                                             std::int64_t fallback, std::int64_t largest) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return fallback;
  const auto value = whole_number(found->second);
  if (!value || *value > largest) {
    return base::fail(ErrorKind::usage, fmt::format("{} is a whole number from 0 to {}, not \"{}\"",
                                                    name, largest, found->second));
  }
  return *value;
}

}  // namespace heirloom::daemon

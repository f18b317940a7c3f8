#include "core/audit/strict_json.h"

#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace heirloom::audit {

using Json = nlohmann::ordered_json;
using base::ErrorKind;

base::Result<Json> parse_object(std::string_view text, std::string_view what) {
  std::vector<std::set<std::string>> names;
  bool twice = false;
  const auto on_event = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key) {
      twice = !names.back().insert(parsed.get<std::string>()).second || twice;
    }
    return true;
  };
  Json json = Json::parse(text, on_event, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return base::fail(ErrorKind::bad_data, fmt::format("{} is no whole JSON object", what));
  }
  if (twice) {
    return base::fail(ErrorKind::bad_data, fmt::format("{} names a member twice", what));
  }
  return json;
}

base::Result<std::string> text_member(const Json& object, const char* name, std::string_view what) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (found == object.end() || !found->is_string()) {
    return base::fail(ErrorKind::bad_data, fmt::format("{} has no text \"{}\"", what, name));
  }
  return found->get<std::string>();
}

}  // namespace heirloom::audit

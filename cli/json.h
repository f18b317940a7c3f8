// JSON as the CLI handles it: the order of the daemon's keys is kept, and reading a field that is
// missing, null or of another type gives nothing instead of throwing, so that a newer or older
// daemon costs a blank in a table and not a crash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace heirloom::cli {

using Json = nlohmann::ordered_json;

// Two spaces a level, one newline at the end; bytes that are no UTF-8 are replaced.
std::string pretty(const Json& json);

// The member `key`, or null when there is none or `object` is no object.
const Json& field(const Json& object, std::string_view key);
// The member `key` if it is an array, else an empty array.
const Json& items(const Json& object, std::string_view key);
// The member `key` when it is text, else "".
std::string text(const Json& object, std::string_view key);
std::optional<double> number(const Json& object, std::string_view key);
std::optional<std::int64_t> integer(const Json& object, std::string_view key);
bool flag(const Json& object, std::string_view key);

}  // namespace heirloom::cli

// Reading the JSON body of a request, strictly. Errors: usage.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/result.h"
#include "daemon/http/router.h"

namespace heirloom::daemon {

// An object with no other fields than `known`.
base::Result<nlohmann::json> parse_body(const ApiRequest& request,
                                        std::initializer_list<std::string_view> known);
base::Result<void> check_fields(const nlohmann::json& object,
                                std::initializer_list<std::string_view> known);

// Nothing for what is not a whole number from 0 on, all of it.
std::optional<std::int64_t> whole_number(std::string_view text);
// A query parameter that is a whole number from 0 to `largest`.
base::Result<std::int64_t> integer_parameter(const ApiRequest& request, const std::string& name,
                                             std::int64_t fallback, std::int64_t largest);
// How long a page of a list is, and what a key to go on after may be.
inline constexpr std::int64_t kDefaultLimit = 100;
inline constexpr std::int64_t kMaxLimit = 1000;
// Of whole generations, each of which takes a dozen questions.
inline constexpr std::int64_t kDefaultNodes = 25;
inline constexpr std::int64_t kMaxNodes = 200;
inline constexpr std::int64_t kAnySequence = std::int64_t{1} << 53;

base::Result<std::string> text_field(const nlohmann::json& object, const std::string& name);

}  // namespace heirloom::daemon

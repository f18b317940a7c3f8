// Reading the JSON body of a request, strictly. Errors: usage.
#pragma once

#include <initializer_list>
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

base::Result<std::string> text_field(const nlohmann::json& object, const std::string& name);

}  // namespace heirloom::daemon

// JSON as it is stored in a row. Bytes that are no UTF-8 (a path, a worker's words) are replaced
// rather than thrown on.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace heirloom::registry {

inline std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace heirloom::registry

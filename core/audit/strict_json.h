// JSON that was signed, or says who signed: read so that no two readers can take it for different
// things.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/result.h"

namespace heirloom::audit {

// An object, in which no object names a member twice. `what` names the document in the error:
// "the signature". Error: bad_data.
base::Result<nlohmann::ordered_json> parse_object(std::string_view text, std::string_view what);

// A member that is a string. Error: bad_data.
base::Result<std::string> text_member(const nlohmann::ordered_json& object, const char* name,
                                      std::string_view what);

}  // namespace heirloom::audit

// Base64 (RFC 4648, section 4): bytes within JSON.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace heirloom::base {

std::string to_base64(std::string_view bytes);

// Strictly: whole groups of four with their padding, no blanks, no bits left over. Error: bad_data.
Result<std::string> from_base64(std::string_view text);

}  // namespace heirloom::base

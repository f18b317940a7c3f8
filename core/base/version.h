// What build this is. Logged first, and stored with every attempt.
#pragma once

#include <string_view>

namespace heirloom::base {

std::string_view version();       // "0.1.0"
std::string_view git_revision();  // short commit id at configure time, or "unknown"

}  // namespace heirloom::base

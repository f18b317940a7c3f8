// Answers that come in pages: `next` names the key to go on after.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/api_client.h"

namespace heirloom::cli {

// The whole of it: the arrays named in `lists` are joined, everything else is of the first page.
base::Result<Json> get_all(const ApiClient& client,
                           std::initializer_list<std::string_view> segments,
                           const std::vector<std::pair<std::string, std::string>>& parameters,
                           std::initializer_list<std::string_view> lists);

}  // namespace heirloom::cli

#include "cli/pages.h"

namespace heirloom::cli {

base::Result<Json> get_all(const ApiClient& client,
                           std::initializer_list<std::string_view> segments,
                           const std::vector<std::pair<std::string, std::string>>& parameters,
                           std::initializer_list<std::string_view> lists) {
  constexpr const char* kPage = "200";
  Json all;
  for (std::int64_t after = 0;;) {
    auto asked = parameters;
    asked.emplace_back("after", std::to_string(after));
    asked.emplace_back("limit", kPage);
    HEIRLOOM_ASSIGN(Json page, client.get(request_target(segments, asked)));
    const auto next = integer(page, "next");
    if (all.is_null()) {
      all = std::move(page);
      all.erase("next");
    } else {
      for (const std::string_view list : lists) {
        for (const Json& item : items(page, list)) all[std::string(list)].push_back(item);
      }
    }
    if (!next || *next <= after) return all;
    after = *next;
  }
}

}  // namespace heirloom::cli

// Removing what nothing needs any more.
#include "daemon/housekeeping.h"

#include "daemon/http/body.h"
#include "daemon/http/handlers.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

constexpr std::int64_t kMostSeconds = std::int64_t{100} * 366 * 86'400;

base::Result<ApiResponse> gc_post(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const Json body, parse_body(request, {"older_than_seconds", "dry_run"}));
  const auto seconds = body.find("older_than_seconds");
  if (seconds == body.end() || !seconds->is_number_integer() || seconds->get<std::int64_t>() < 0 ||
      seconds->get<std::int64_t>() > kMostSeconds) {
    return base::fail(ErrorKind::usage, "\"older_than_seconds\" must be a whole number");
  }
  const auto dry = body.find("dry_run");
  if (dry != body.end() && !dry->is_boolean()) {
    return base::fail(ErrorKind::usage, "\"dry_run\" must be true or false");
  }
  const Cleaning cleaning{std::chrono::seconds(seconds->get<std::int64_t>()),
                          dry != body.end() && dry->get<bool>()};
  HEIRLOOM_ASSIGN(const auto found,
                  clean(context.registry, context.state, cleaning, request.actor));
  Json removed = Json::array();
  std::uint64_t bytes = 0;
  for (const registry::Litter& item : found) {
    removed.push_back({{"path", item.path.native()}, {"bytes", item.bytes}});
    bytes += item.bytes;
  }
  return ApiResponse{200, {{"dry_run", cleaning.dry_run}, {"removed", removed}, {"bytes", bytes}}};
}

}  // namespace

void add_housekeeping_routes(Router& router, ApiContext& context) {
  router.add("POST", "/v1/gc",
             [&context](const ApiRequest& request) { return gc_post(context, request); });
}

}  // namespace heirloom::daemon

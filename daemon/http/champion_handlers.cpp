// The line of champions: who it is, who it was, and the acts upon it.
#include "core/base/clock.h"
#include "core/base/names.h"
#include "daemon/champions.h"
#include "daemon/commands.h"
#include "daemon/http/body.h"
#include "daemon/http/handlers.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

base::Result<ApiResponse> champion(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, request.captures.at("model")));
  const auto at = request.query.find("at");
  if (at == request.query.end()) {
    HEIRLOOM_ASSIGN(Json view, champion_view(context.registry, context.state, model));
    return ApiResponse{200, std::move(view)};
  }
  HEIRLOOM_ASSIGN(const std::string instant, base::parse_instant(at->second));
  HEIRLOOM_ASSIGN(Json view, champion_at_view(context.registry, model, instant));
  return ApiResponse{200, std::move(view)};
}

base::Result<ApiResponse> champions(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, request.captures.at("model")));
  HEIRLOOM_ASSIGN(const auto after, integer_parameter(request, "after", 0, kAnySequence));
  HEIRLOOM_ASSIGN(const auto limit, integer_parameter(request, "limit", kDefaultLimit, kMaxLimit));
  return ApiResponse{200, champion_list_view(context.registry, model, after, limit)};
}

base::Result<std::int64_t> generation_field(const Json& body, const std::string& name) {
  HEIRLOOM_ASSIGN(const std::string text, text_field(body, name));
  HEIRLOOM_ASSIGN(const int number, base::parse_generation(text));
  return number;
}

base::Result<ApiResponse> rollback_post(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const Json body, parse_body(request, {"to", "from", "bar", "reason"}));
  Rollback rollback;
  HEIRLOOM_ASSIGN(rollback.to, generation_field(body, "to"));
  HEIRLOOM_ASSIGN(rollback.reason, text_field(body, "reason"));
  if (body.contains("from")) {
    HEIRLOOM_ASSIGN(rollback.from, generation_field(body, "from"));
  }
  if (body.contains("bar")) {
    if (!body["bar"].is_boolean()) {
      return base::fail(ErrorKind::usage, "\"bar\" must be true or false");
    }
    rollback.bar = body["bar"].get<bool>();
  }
  const std::string& name = request.captures.at("model");
  HEIRLOOM_TRY(roll_back(context.registry, name, rollback, request.actor));
  context.changed();
  return champion(context, request);
}

base::Result<ApiResponse> bar_post(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const Json body, parse_body(request, {"reason"}));
  HEIRLOOM_ASSIGN(const std::string reason, text_field(body, "reason"));
  HEIRLOOM_ASSIGN(const int number, base::parse_generation(request.captures.at("generation")));
  const std::string& name = request.captures.at("model");
  HEIRLOOM_TRY(bar_generation(context.registry, name, number, reason, request.actor));
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, name));
  HEIRLOOM_ASSIGN(const auto generation, find_generation(context.registry, model, number));
  return ApiResponse{200, generation_view(context.registry, generation, /*detail=*/true)};
}

}  // namespace

void add_champion_routes(Router& router, ApiContext& context) {
  const auto post = [&](std::string_view pattern, auto handler) {
    router.add("POST", pattern, [&context, handler](const ApiRequest& request) {
      return handler(context, request);
    });
  };
  add_get(router, context, "/v1/models/{model}/champion", champion);
  add_get(router, context, "/v1/models/{model}/champions", champions);
  post("/v1/models/{model}/rollback", rollback_post);
  post("/v1/models/{model}/generations/{generation}/bar", bar_post);
}

}  // namespace heirloom::daemon

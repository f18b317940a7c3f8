// The audit chain: its events, its head, and whether it still holds.
#include "daemon/commands.h"
#include "daemon/http/body.h"
#include "daemon/http/handlers.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

base::Result<ApiResponse> events(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto after, integer_parameter(request, "after", 0, kAnySequence));
  HEIRLOOM_ASSIGN(const auto limit, integer_parameter(request, "limit", kDefaultLimit, kMaxLimit));
  std::optional<std::string> model;
  if (const auto name = request.query.find("model"); name != request.query.end()) {
    HEIRLOOM_TRY(find_model(context.registry, name->second));
    model = name->second;
  }
  return ApiResponse{200, audit_view(context.registry.audit.list(after, limit, model))};
}

base::Result<ApiResponse> head(ApiContext& context, const ApiRequest&) {
  return ApiResponse{200, audit_head_view(context.registry, context.signing_key)};
}

base::Result<ApiResponse> check(ApiContext& context, const ApiRequest&) {
  return ApiResponse{200, context.audit->view()};
}

base::Result<ApiResponse> begin_check(ApiContext& context, const ApiRequest&) {
  context.audit->begin(/*asked=*/true);
  return ApiResponse{202, context.audit->view()};
}

}  // namespace

void add_audit_routes(Router& router, ApiContext& context) {
  const auto post = [&](std::string_view pattern, auto handler) {
    router.add("POST", pattern, [&context, handler](const ApiRequest& request) {
      return handler(context, request);
    });
  };
  add_get(router, context, "/v1/audit", events);
  add_get(router, context, "/v1/audit/head", head);
  add_get(router, context, "/v1/audit/verify", check);
  post("/v1/audit/verify", begin_check);
}

}  // namespace heirloom::daemon

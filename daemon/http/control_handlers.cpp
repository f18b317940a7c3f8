// What an operator does to the daemon itself: pause, resume, read the settings again; and sees of
// it.
#include "daemon/commands.h"
#include "daemon/http/body.h"
#include "daemon/http/handlers.h"

namespace heirloom::daemon {
namespace {

base::Result<std::optional<std::string>> model_field(const nlohmann::json& body) {
  if (!body.contains("model") || body["model"].is_null()) return std::optional<std::string>();
  HEIRLOOM_ASSIGN(std::string name, text_field(body, "model"));
  return std::optional(std::move(name));
}

base::Result<ApiResponse> pause_post(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto body, parse_body(request, {"model", "reason"}));
  HEIRLOOM_ASSIGN(const auto model, model_field(body));
  HEIRLOOM_ASSIGN(const std::string reason, text_field(body, "reason"));
  HEIRLOOM_TRY(set_paused(context.registry, model, true, reason, request.actor));
  return ApiResponse{200, {{"paused", true}}};
}

base::Result<ApiResponse> resume_post(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto body, parse_body(request, {"model", "reason"}));
  HEIRLOOM_ASSIGN(const auto model, model_field(body));
  const std::string reason = body.value("reason", "");
  HEIRLOOM_TRY(set_paused(context.registry, model, false, reason, request.actor));
  context.changed();
  return ApiResponse{200, {{"paused", false}}};
}

// The answer says what was read, or what is wrong with it: then nothing has changed.
base::Result<ApiResponse> reload_post(ApiContext& context, const ApiRequest&) {
  HEIRLOOM_TRY(context.reload());
  return ApiResponse{200, {{"reloaded", true}}};
}

base::Result<ApiResponse> metrics_get(ApiContext& context, const ApiRequest&) {
  const Metrics::Now now{
      .running = static_cast<std::int64_t>(context.pipeline.running()),
      .audit_intact = context.audit == nullptr || !context.audit->problem(),
      .sandbox_whole = !context.sandbox.is_object() || context.sandbox["missing"].is_null()};
  return ApiResponse{200, {}, context.metrics->exposition(context.registry, now)};
}

}  // namespace

void add_control_routes(Router& router, ApiContext& context) {
  const auto post = [&](std::string_view pattern, auto handler) {
    router.add("POST", pattern, [&context, handler](const ApiRequest& request) {
      return handler(context, request);
    });
  };
  post("/v1/pause", pause_post);
  post("/v1/resume", resume_post);
  post("/-/reload", reload_post);
  add_get(router, context, "/metrics", metrics_get);
}

}  // namespace heirloom::daemon

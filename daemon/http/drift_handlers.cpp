// Tests of new data for drift, and that somebody has seen an alarm.
#include <fmt/format.h>

#include "daemon/commands.h"
#include "daemon/drift/drift_checks.h"
#include "daemon/http/body.h"
#include "daemon/http/handlers.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

base::Result<ApiResponse> drifts_get(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, request.captures.at("model")));
  HEIRLOOM_ASSIGN(const auto after, integer_parameter(request, "after", 0, kAnySequence));
  HEIRLOOM_ASSIGN(const auto limit, integer_parameter(request, "limit", kDefaultLimit, kMaxLimit));
  return ApiResponse{200, drift_list_view(context.registry, model, after, limit)};
}

// "newest" or a test's number.
base::Result<ApiResponse> drift_get(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, request.captures.at("model")));
  const std::string& text = request.captures.at("check");
  std::optional<registry::DriftCheckRow> check;
  if (text == "newest") {
    check = context.registry.drifts.newest_check(model.id);
  } else if (const auto id = whole_number(text)) {
    check = context.registry.drifts.check(*id);
  }
  if (!check || check->model_id != model.id) {
    return base::fail(
        ErrorKind::not_found, fmt::format("model {} has no drift test {}", model.spec.name, text),
        "a policy with `drift:` tests every snapshot that comes after the champion's");
  }
  return ApiResponse{200, drift_view(context.registry, *check, /*detail=*/true)};
}

base::Result<ApiResponse> acknowledge_post(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const Json body, parse_body(request, {"reason"}));
  HEIRLOOM_ASSIGN(const std::string reason, text_field(body, "reason"));
  HEIRLOOM_TRY(
      acknowledge_drift(context.registry, request.captures.at("model"), reason, request.actor));
  context.changed();
  return ApiResponse{200, {{"model", request.captures.at("model")}}};
}

}  // namespace

void add_drift_routes(Router& router, ApiContext& context) {
  add_get(router, context, "/v1/models/{model}/drift", drifts_get);
  add_get(router, context, "/v1/models/{model}/drift/{check}", drift_get);
  router.add("POST", "/v1/models/{model}/drift/acknowledge",
             [&context](const ApiRequest& request) { return acknowledge_post(context, request); });
}

}  // namespace heirloom::daemon

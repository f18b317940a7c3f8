#include <fmt/format.h>

#include "core/base/names.h"
#include "daemon/commands.h"
#include "daemon/http/body.h"
#include "daemon/http/handlers.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

base::Result<ApiResponse> status(ApiContext& context, const ApiRequest& request) {
  std::optional<registry::ModelRow> only;
  if (const auto name = request.query.find("model"); name != request.query.end()) {
    HEIRLOOM_ASSIGN(only, find_model(context.registry, name->second));
  }
  Json view = status_view(context.registry, context.pipeline, only, context.started_at);
  view["audit"] = context.audit == nullptr ? Json(nullptr) : context.audit->view();
  view["sandbox"] = context.sandbox;
  return ApiResponse{200, std::move(view)};
}

// A damaged or forged registry gives no verdict that anybody should act upon.
base::Result<ApiResponse> ready(ApiContext& context, const ApiRequest&) {
  const auto problem = context.audit == nullptr ? std::nullopt : context.audit->problem();
  if (problem) return ApiResponse{503, error_view(*problem)};
  return ApiResponse{200, {{"status", "ready"}}};
}

base::Result<ApiResponse> models(ApiContext& context, const ApiRequest&) {
  Json out = Json::array();
  for (const auto& model : context.registry.models.all()) out.push_back(model_view(model));
  return ApiResponse{200, out};
}

base::Result<ApiResponse> generations(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, request.captures.at("model")));
  HEIRLOOM_ASSIGN(const auto after, integer_parameter(request, "after", 0, kAnySequence));
  HEIRLOOM_ASSIGN(const auto limit, integer_parameter(request, "limit", kDefaultLimit, kMaxLimit));
  return ApiResponse{200, generation_list_view(context.registry, model, after, limit)};
}

base::Result<ApiResponse> generation(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, request.captures.at("model")));
  HEIRLOOM_ASSIGN(const int number, base::parse_generation(request.captures.at("generation")));
  HEIRLOOM_ASSIGN(const auto row, find_generation(context.registry, model, number));
  return ApiResponse{200, generation_view(context.registry, row, /*detail=*/true)};
}

base::Result<ApiResponse> registration(ApiContext& context, const ApiRequest& request) {
  const std::string& text = request.captures.at("id");
  const auto id = whole_number(text);
  const auto row = id ? context.registry.catalog.registration(*id) : std::nullopt;
  if (!row) return base::fail(ErrorKind::not_found, "there is no registration " + text);
  return ApiResponse{200, registration_view(context.registry, *row)};
}

base::Result<ApiResponse> lineage(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, request.captures.at("model")));
  HEIRLOOM_ASSIGN(const auto after, integer_parameter(request, "after", 0, kAnySequence));
  HEIRLOOM_ASSIGN(const auto limit, integer_parameter(request, "limit", kDefaultNodes, kMaxNodes));
  return ApiResponse{200, lineage_view(context.registry, model, after, limit)};
}

base::Result<ApiResponse> history(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, request.captures.at("model")));
  const auto metric = request.query.find("metric");
  const std::string name = metric == request.query.end() ? "acr" : metric->second;
  HEIRLOOM_ASSIGN(const auto after, integer_parameter(request, "after", 0, kAnySequence));
  HEIRLOOM_ASSIGN(const auto limit, integer_parameter(request, "limit", kDefaultLimit, kMaxNodes));
  HEIRLOOM_ASSIGN(Json view, history_view(context.registry, model, name, after, limit));
  return ApiResponse{200, std::move(view)};
}

}  // namespace

void add_read_routes(Router& router, ApiContext& context) {
  const auto get = [&](std::string_view pattern, auto handler) {
    add_get(router, context, pattern, handler);
  };
  // Without the registry: it is asked whether the process lives.
  router.add("GET", "/-/healthy", [](const ApiRequest&) -> base::Result<ApiResponse> {
    return ApiResponse{200, {{"status", "ok"}}};
  });
  get("/-/ready", ready);
  get("/v1/status", status);
  get("/v1/models", models);
  get("/v1/registrations/{id}", registration);
  get("/v1/models/{model}/generations", generations);
  get("/v1/models/{model}/generations/{generation}", generation);
  get("/v1/models/{model}/lineage", lineage);
  get("/v1/models/{model}/history", history);
}

}  // namespace heirloom::daemon

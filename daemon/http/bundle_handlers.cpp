// What a stranger needs to verify a verdict elsewhere.
#include "core/base/base64.h"
#include "core/base/names.h"
#include "daemon/bundling.h"
#include "daemon/commands.h"
#include "daemon/http/body.h"
#include "daemon/http/handlers.h"
#include "daemon/pipeline/reproducing.h"
#include "daemon/pipeline/sealing.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

// An answer is one JSON text in memory.
constexpr std::int64_t kMaxModelBytes = std::int64_t{64} << 20;

base::Result<ApiResponse> bundle_get(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, request.captures.at("model")));
  HEIRLOOM_ASSIGN(const int number, base::parse_generation(request.captures.at("generation")));
  HEIRLOOM_ASSIGN(const auto generation, find_generation(context.registry, model, number));
  HEIRLOOM_TRY(check_figures_open(context.registry, generation));
  HEIRLOOM_ASSIGN(const bundle::Bundle bundle,
                  bundle_of(context.registry, generation, context.signing_key));
  Json out = {{"bundle", Json::parse(bundle::to_json(bundle))},
              {"artifacts", Json::object()},
              {"model", nullptr}};
  for (const auto& [hex, bytes] : bundle.artifacts) {
    out["artifacts"][hex] = base::to_base64(bytes);
  }
  HEIRLOOM_ASSIGN(const auto with_model, integer_parameter(request, "model", 0, 1));
  if (with_model != 0 && generation.model_bytes.value_or(0) <= kMaxModelBytes) {
    HEIRLOOM_ASSIGN(const std::string bytes,
                    context.registry.artifacts.get(*generation.model_sha256));
    out["model"] = base::to_base64(bytes);
  }
  return ApiResponse{200, std::move(out)};
}

base::Result<Json> reproduction_view(registry::Registry& registry, std::int64_t id) {
  const auto job = registry.generations.job(id);
  if (!job || job->kind != kReproduceJob) {
    return base::fail(base::ErrorKind::not_found, "there is no reproduction " + std::to_string(id));
  }
  const auto generation = registry.generations.get(*job->generation_id);
  const std::string model = registry.models.get(generation->model_id)->spec.name;
  Json out = {{"id", id},
              {"model", model},
              {"generation", generation->label()},
              {"state", "running"},
              {"difference", nullptr}};
  const auto event =
      registry.audit.event_of_job("certificate.reproduced", model, generation->number, id);
  if (!event) return out;
  const Json found = Json::parse(event->payload);
  out["state"] = found["state"];
  if (found["state"] != "same") out["difference"] = found["difference"];
  return out;
}

base::Result<ApiResponse> reproduce_post(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, request.captures.at("model")));
  HEIRLOOM_ASSIGN(const int number, base::parse_generation(request.captures.at("generation")));
  HEIRLOOM_ASSIGN(const auto generation, find_generation(context.registry, model, number));
  HEIRLOOM_TRY(check_figures_open(context.registry, generation));
  HEIRLOOM_ASSIGN(const std::int64_t id,
                  open_reproduction(context.registry, generation, request.actor));
  context.changed();
  HEIRLOOM_ASSIGN(Json view, reproduction_view(context.registry, id));
  return ApiResponse{202, std::move(view)};
}

base::Result<ApiResponse> reproduction_get(ApiContext& context, const ApiRequest& request) {
  const std::string& text = request.captures.at("id");
  HEIRLOOM_ASSIGN(Json view, reproduction_view(context.registry, whole_number(text).value_or(0)));
  return ApiResponse{200, std::move(view)};
}

}  // namespace

void add_bundle_routes(Router& router, ApiContext& context) {
  const auto post = [&](std::string_view pattern, auto handler) {
    router.add("POST", pattern, [&context, handler](const ApiRequest& request) {
      return handler(context, request);
    });
  };
  add_get(router, context, "/v1/models/{model}/generations/{generation}/bundle", bundle_get);
  post("/v1/models/{model}/generations/{generation}/reproduce", reproduce_post);
  add_get(router, context, "/v1/reproductions/{id}", reproduction_get);
}

}  // namespace heirloom::daemon

// Policies as they stand, judging stored evidence again, and the budget of holdouts.
#include <fmt/format.h>

#include "config/policy_yaml.h"
#include "core/base/names.h"
#include "daemon/commands.h"
#include "daemon/http/body.h"
#include "daemon/http/handlers.h"
#include "daemon/pipeline/sealing.h"
#include "daemon/rejudging.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

struct Named {
  registry::ModelRow model;
  registry::GenerationRow generation;
};

base::Result<Named> named(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(auto model, find_model(context.registry, request.captures.at("model")));
  HEIRLOOM_ASSIGN(const int number, base::parse_generation(request.captures.at("generation")));
  HEIRLOOM_ASSIGN(auto generation, find_generation(context.registry, model, number));
  return Named{std::move(model), std::move(generation)};
}

// "current" or a version's number.
base::Result<ApiResponse> policy_get(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, request.captures.at("model")));
  const std::string& text = request.captures.at("version");
  const auto policy = text == "current" ? context.registry.models.current_policy(model.id)
                                        : context.registry.models.policy_numbered(
                                              model.id, whole_number(text).value_or(0));
  if (!policy) {
    return base::fail(
        ErrorKind::not_found,
        fmt::format("model {} has no policy version {}", model.spec.name, text),
        fmt::format("`heirloom audit log --model {}` lists when policies were applied",
                    model.spec.name));
  }
  return ApiResponse{200, policy_view(model, *policy)};
}

Json head_of(ApiContext& context, const Named& what) {
  const auto verdict = context.registry.evidence.verdict_of(what.generation.id);
  return {{"model", what.model.spec.name},
          {"generation", what.generation.label()},
          {"policy_version", context.registry.models.policy_version(what.generation.policy_id)},
          {"stored_verdict", verdict ? Json(policies::to_string(verdict->verdict)) : Json(nullptr)},
          {"stored_reason", verdict ? Json(verdict->reason) : Json(nullptr)}};
}

// One generation a request, so that no other waits for long.
base::Result<ApiResponse> rejudge_post(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const Json body, parse_body(request, {"text", "origin"}));
  HEIRLOOM_ASSIGN(const std::string text, text_field(body, "text"));
  HEIRLOOM_ASSIGN(const std::string origin, text_field(body, "origin"));
  HEIRLOOM_ASSIGN(const policies::Policy policy, config::policy_from_yaml(text, origin));
  HEIRLOOM_ASSIGN(const Named what, named(context, request));
  if (policy.model != what.model.spec) {
    return base::fail(
        ErrorKind::conflict,
        fmt::format("{} is not a policy of model {} with its input, classes and sigma", origin,
                    what.model.spec.name));
  }
  HEIRLOOM_ASSIGN(const Rejudged rejudged, rejudge(context.registry, what.generation, policy));
  Json out = head_of(context, what);
  out.update(rejudged_view(rejudged));
  return ApiResponse{200, std::move(out)};
}

// Of a sealed holdout: which gates passed, as they are stored.
base::Result<ApiResponse> explanation_get(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const Named what, named(context, request));
  Json out = head_of(context, what);
  const Json view = generation_view(context.registry, what.generation, /*detail=*/true);
  out["state"] = view["state"];
  out["sealed"] = view["sealed"];
  out["reason"] = view["reason"];
  out["gates"] = view["gates"];
  out["level"] = view["level"];
  const auto verdict = context.registry.evidence.verdict_of(what.generation.id);
  if (!verdict || figures_hidden(context.registry, what.generation)) {
    return ApiResponse{200, std::move(out)};
  }
  const auto row = context.registry.models.policy(what.generation.policy_id);
  HEIRLOOM_ASSIGN(const policies::Policy policy, config::policy_from_yaml(row->text, "policy"));
  HEIRLOOM_ASSIGN(const Rejudged rejudged, rejudge(context.registry, what.generation, policy));
  const Json judged = rejudged_view(rejudged);
  for (const char* field : {"gates", "level", "alpha"}) out[field] = judged[field];
  return ApiResponse{200, std::move(out)};
}

base::Result<ApiResponse> holdout_get(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, request.captures.at("model")));
  HEIRLOOM_ASSIGN(Json view, holdout_budget_view(context.registry, model));
  return ApiResponse{200, std::move(view)};
}

base::Result<ApiResponse> unseal_post(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const Json body, parse_body(request, {"reason"}));
  HEIRLOOM_ASSIGN(const std::string reason, text_field(body, "reason"));
  HEIRLOOM_TRY(unseal(context.registry, request.captures.at("model"), reason, request.actor));
  context.changed();
  return holdout_get(context, request);
}

}  // namespace

void add_policy_routes(Router& router, ApiContext& context) {
  const auto post = [&](std::string_view pattern, auto handler) {
    router.add("POST", pattern, [&context, handler](const ApiRequest& request) {
      return handler(context, request);
    });
  };
  add_get(router, context, "/v1/models/{model}/policies/{version}", policy_get);
  post("/v1/models/{model}/generations/{generation}/rejudge", rejudge_post);
  add_get(router, context, "/v1/models/{model}/generations/{generation}/explanation",
          explanation_get);
  add_get(router, context, "/v1/models/{model}/holdout", holdout_get);
  post("/v1/models/{model}/holdout/unseal", unseal_post);
}

}  // namespace heirloom::daemon

#include <fmt/format.h>

#include "core/base/names.h"
#include "daemon/commands.h"
#include "daemon/http/body.h"
#include "daemon/http/handlers.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {
namespace {

using base::ErrorKind;

base::Result<jobs::DataSource> source_field(const Json& body, const std::string& name,
                                            jobs::DataFormat format) {
  jobs::DataSource source;
  source.format = format;
  const auto found = body.find(name);
  if (found == body.end() || !found->is_array()) {
    return base::fail(ErrorKind::usage, fmt::format("\"{}\" must be an array of paths", name));
  }
  for (const Json& path : *found) {
    if (!path.is_string()) {
      return base::fail(ErrorKind::usage, fmt::format("\"{}\" must be an array of paths", name));
    }
    source.paths.push_back(path.get<std::string>());
  }
  return source;
}

ApiResponse registration_response(ApiContext& context, const RegistrationTaken& taken) {
  const auto row = context.registry.catalog.registration(taken.id);
  return {taken.created ? 202 : 200, registration_view(context.registry, *row)};
}

base::Result<ApiResponse> policies_post(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const Json body, parse_body(request, {"text", "origin"}));
  HEIRLOOM_ASSIGN(const std::string text, text_field(body, "text"));
  std::string origin = "policy";
  if (body.contains("origin")) {
    HEIRLOOM_ASSIGN(origin, text_field(body, "origin"));
  }
  HEIRLOOM_ASSIGN(const PolicyApplied applied,
                  apply_policy(context.registry, text, origin, request.actor));
  context.changed();
  return ApiResponse{applied.created ? 201 : 200,
                     {{"model", applied.model},
                      {"policy_version", applied.version},
                      {"created", applied.created},
                      {"findings", applied.findings}}};
}

base::Result<ApiResponse> versions_post(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const Json body, parse_body(request, {"name", "arch", "torchscript", "parameters",
                                                        "weights", "signature"}));
  config::InboxVersion version;
  version.model = request.captures.at("model");
  HEIRLOOM_ASSIGN(version.name, text_field(body, "name"));
  if (body.contains("torchscript")) {
    if (body.contains("arch")) {
      return base::fail(ErrorKind::usage, "a version is either an \"arch\" or a \"torchscript\"");
    }
    HEIRLOOM_ASSIGN(version.file, text_field(body, "torchscript"));
    version.arch.name = jobs::kTorchScript;
  } else {
    HEIRLOOM_ASSIGN(version.arch.name, text_field(body, "arch"));
  }
  const Json parameters = body.contains("parameters") ? body["parameters"] : Json::object();
  if (!parameters.is_object()) {
    return base::fail(ErrorKind::usage, "\"parameters\" must be an object of strings");
  }
  for (const auto& [key, value] : parameters.items()) {
    if (!value.is_string()) {
      return base::fail(ErrorKind::usage, fmt::format("parameter \"{}\" must be a string", key));
    }
    version.arch.parameters[key] = value.get<std::string>();
  }
  if (body.contains("weights")) {
    if (!version.file.empty()) {
      return base::fail(ErrorKind::usage, "a \"torchscript\" module brings its own \"weights\"");
    }
    HEIRLOOM_ASSIGN(version.file, text_field(body, "weights"));
  }
  std::optional<std::string> envelope;
  if (body.contains("signature")) {
    HEIRLOOM_ASSIGN(envelope, text_field(body, "signature"));
  }
  HEIRLOOM_ASSIGN(const auto taken, register_version(context.registry, context.signers, version,
                                                     envelope, request.actor));
  context.changed();
  return registration_response(context, taken);
}

base::Result<ApiResponse> snapshots_post(ApiContext& context, const ApiRequest& request) {
  HEIRLOOM_ASSIGN(const Json body, parse_body(request, {"name", "format", "train", "holdout"}));
  config::InboxSnapshot snapshot;
  snapshot.model = request.captures.at("model");
  HEIRLOOM_ASSIGN(snapshot.name, text_field(body, "name"));
  HEIRLOOM_ASSIGN(const std::string format_name, text_field(body, "format"));
  HEIRLOOM_ASSIGN(const jobs::DataFormat format, jobs::parse_data_format(format_name));
  HEIRLOOM_ASSIGN(snapshot.train, source_field(body, "train", format));
  snapshot.has_holdout = body.contains("holdout");
  if (snapshot.has_holdout) {
    HEIRLOOM_ASSIGN(snapshot.holdout, source_field(body, "holdout", format));
  }
  HEIRLOOM_ASSIGN(const auto taken, register_snapshot(context.registry, snapshot, request.actor));
  context.changed();
  return registration_response(context, taken);
}

base::Result<ApiResponse> decision_post(ApiContext& context, const ApiRequest& request,
                                        Decision decision) {
  HEIRLOOM_ASSIGN(const Json body, parse_body(request, {"reason"}));
  HEIRLOOM_ASSIGN(const std::string reason, text_field(body, "reason"));
  HEIRLOOM_ASSIGN(const int number, base::parse_generation(request.captures.at("generation")));
  const std::string& name = request.captures.at("model");
  HEIRLOOM_TRY(decide(context.registry, name, number, decision, reason, request.actor));
  context.changed();
  HEIRLOOM_ASSIGN(const auto model, find_model(context.registry, name));
  HEIRLOOM_ASSIGN(const auto generation, find_generation(context.registry, model, number));
  return ApiResponse{200, generation_view(context.registry, generation, /*detail=*/true)};
}

}  // namespace

void add_write_routes(Router& router, ApiContext& context) {
  const auto post = [&](std::string_view pattern, auto handler) {
    router.add("POST", pattern, [&context, handler](const ApiRequest& request) {
      return handler(context, request);
    });
  };
  post("/v1/policies", policies_post);
  post("/v1/models/{model}/versions", versions_post);
  post("/v1/models/{model}/snapshots", snapshots_post);
  const auto decide_route = [&](std::string_view verb, Decision decision) {
    post(fmt::format("/v1/models/{{model}}/generations/{{generation}}/{}", verb),
         [decision](ApiContext& api, const ApiRequest& request) {
           return decision_post(api, request, decision);
         });
  };
  decide_route("approve", Decision::approve);
  decide_route("reject", Decision::reject);
  decide_route("retry", Decision::retry);
}

}  // namespace heirloom::daemon

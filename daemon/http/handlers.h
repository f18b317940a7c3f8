// The routes of docs/api.md.
#pragma once

#include <functional>
#include <string>

#include "core/base/signing.h"
#include "daemon/audit_monitor.h"
#include "daemon/http/router.h"
#include "daemon/pipeline/pipeline.h"
#include "daemon/predictions/predictions.h"
#include "daemon/signers.h"
#include "daemon/state_folder.h"
#include "registry/registry.h"

namespace heirloom::daemon {

struct ApiContext {
  registry::Registry& registry;
  Pipeline& pipeline;
  Predictions& predictions;
  const StateFolder& state;
  const Signers& signers;
  std::string started_at;
  std::function<void()> changed;                  // after a change: the pipeline should look
  AuditMonitor* audit = nullptr;                  // null only where no route asks for it
  const base::SigningKey* signing_key = nullptr;  // null: nothing is signed
  nlohmann::json sandbox = nullptr;               // of workers, as views/sandbox_view.cpp has it
  // Reads the settings again; on an error the old ones stay. Empty only where no route asks for it.
  std::function<base::Result<void>()> reload{};
  Metrics* metrics = nullptr;  // null only where no route asks for it
};

// `context` outlives the router, here and below. What a GET reads of the registry is of one moment.
template <typename Handler>
void add_get(Router& router, ApiContext& context, std::string_view pattern, Handler handler) {
  router.add("GET", pattern, [&context, handler](const ApiRequest& request) {
    const registry::Reading reading(context.registry.db);
    return handler(context, request);
  });
}

void add_read_routes(Router& router, ApiContext& context);
void add_write_routes(Router& router, ApiContext& context);
void add_audit_routes(Router& router, ApiContext& context);
void add_bundle_routes(Router& router, ApiContext& context);
void add_champion_routes(Router& router, ApiContext& context);
void add_housekeeping_routes(Router& router, ApiContext& context);
void add_control_routes(Router& router, ApiContext& context);
void add_drift_routes(Router& router, ApiContext& context);
void add_policy_routes(Router& router, ApiContext& context);
void add_prediction_routes(Router& router, ApiContext& context);

}  // namespace heirloom::daemon

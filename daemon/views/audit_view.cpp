#include <fmt/format.h>

#include "core/audit/envelope.h"
#include "daemon/views/views.h"

namespace heirloom::daemon {

Json audit_view(const std::vector<registry::Event>& events) {
  Json out = Json::array();
  for (const registry::Event& event : events) {
    out.push_back({{"seq", event.seq},
                   {"at", event.at},
                   {"actor", event.actor},
                   {"kind", event.kind},
                   {"model", event.model ? Json(*event.model) : Json(nullptr)},
                   {"generation",
                    event.generation ? Json(fmt::format("g{}", *event.generation)) : Json(nullptr)},
                   {"payload", Json::parse(event.payload)},
                   {"hash", event.hash.hex()}});
  }
  return out;
}

Json audit_head_view(registry::Registry& registry, const base::SigningKey* key) {
  const registry::Head head = registry.audit.head();
  Json out = {{"seq", head.seq}, {"at", head.at}, {"hash", head.hash.hex()}};
  const std::string signed_text = out.dump();
  out["envelope"] = key == nullptr
                        ? Json(nullptr)
                        : Json::parse(audit::sign_envelope(*key, audit::kHeadType, signed_text));
  return out;
}

}  // namespace heirloom::daemon

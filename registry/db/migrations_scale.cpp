#include "registry/db/migrations_scale.h"

namespace heirloom::registry {

const char* const kScaleStep = R"sql(
CREATE INDEX commitments_by_generation ON commitments (generation_id, charged, id);
CREATE INDEX commitments_charged ON commitments (holdout_id, id) WHERE charged = 1;
CREATE INDEX registrations_inspecting ON registrations (id) WHERE state = 'inspecting';
CREATE INDEX registrations_by_actor ON registrations (actor, id);
CREATE INDEX snapshots_by_holdout ON snapshots (holdout_id, id);
CREATE INDEX attempts_open ON attempts (id) WHERE ended_at IS NULL;
CREATE INDEX events_by_model ON events (model, seq);
)sql";

}  // namespace heirloom::registry

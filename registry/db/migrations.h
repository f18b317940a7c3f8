// The schema, as steps that each take a registry from one user_version to the next.
#pragma once

namespace heirloom::registry {

int latest_schema_version();
// The SQL of the step that leads to `version` (1 .. latest). Steps are frozen once released.
const char* migration_sql(int version);

}  // namespace heirloom::registry

#include "registry/db/migrations_policies.h"

#include "registry/db/append_only.h"

namespace heirloom::registry {

// A table of its own, since the columns of `policies` that the chain covers are frozen. Policies
// without a row promote by themselves and hide nothing.
const char* const kPoliciesStep = R"sql(
CREATE TABLE policy_options (               -- append-only
  policy_id INTEGER PRIMARY KEY REFERENCES policies,
  approval TEXT NOT NULL CHECK (approval IN ('automatic', 'manual')),
  sealed INTEGER NOT NULL CHECK (sealed IN (0, 1))
) STRICT;

CREATE TABLE unsealings (                   -- append-only: from then on its figures are open
  id INTEGER PRIMARY KEY,
  holdout_id INTEGER NOT NULL UNIQUE REFERENCES holdouts,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
)sql" HEIRLOOM_APPEND_ONLY("policy_options") HEIRLOOM_APPEND_ONLY("unsealings");

}  // namespace heirloom::registry

#include "registry/db/migrations_drift.h"

#include "registry/db/append_only.h"

namespace heirloom::registry {

const char* const kDriftStep = R"sql(
-- What was fixed before a snapshot was looked at.
CREATE TABLE drift_checks (                 -- append-only
  id INTEGER PRIMARY KEY,
  model_id INTEGER NOT NULL REFERENCES models,
  snapshot_id INTEGER NOT NULL REFERENCES snapshots,
  champion_id INTEGER NOT NULL REFERENCES generations,
  policy_id INTEGER NOT NULL REFERENCES policies,
  reference_id INTEGER NOT NULL REFERENCES snapshots,  -- whose holdout is the reference
  reference_key BLOB NOT NULL,              -- SHA-256 of all that decides the reference's outputs
  job_id INTEGER UNIQUE REFERENCES jobs,    -- null: nothing could be tested
  plan TEXT NOT NULL,                       -- JSON: sizes, levels, draws
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX drift_checks_by_model ON drift_checks (model_id, id);
CREATE INDEX drift_checks_by_snapshot ON drift_checks (snapshot_id, champion_id);
CREATE INDEX drift_checks_by_reference ON drift_checks (reference_key, id);

CREATE TABLE drift_reports (                -- append-only
  id INTEGER PRIMARY KEY,
  check_id INTEGER NOT NULL UNIQUE REFERENCES drift_checks,
  band TEXT CHECK (band IN ('none', 'warning', 'drift')),  -- null: nothing was learned
  alarm INTEGER NOT NULL CHECK (alarm IN (0, 1)),  -- drift, and no alarm stood yet
  error TEXT,
  report TEXT NOT NULL,                     -- JSON: every test, and the sums to go on from
  outputs BLOB,                             -- artifact: what the champion made of the batch
  reference_outputs BLOB,                   -- artifact: and of the reference, the first time
  samples INTEGER NOT NULL,
  seconds REAL NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE drift_acknowledgements (       -- append-only: the alarm no longer stands
  id INTEGER PRIMARY KEY,
  report_id INTEGER NOT NULL UNIQUE REFERENCES drift_reports,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
)sql" HEIRLOOM_APPEND_ONLY("drift_checks") HEIRLOOM_APPEND_ONLY("drift_reports")
    HEIRLOOM_APPEND_ONLY("drift_acknowledgements");

}  // namespace heirloom::registry

#include "registry/db/migrations_audit.h"

namespace heirloom::registry {

// heirloom_digest() is a function of our own connection (registry/db/database.cpp). The columns are
// those of this step; registry/audit/seals.cpp has those of today.
const char* const kSealsStep = R"sql(
CREATE TABLE seals (                        -- one a row of a table whose rows change
  table_name TEXT NOT NULL,
  id INTEGER NOT NULL,                      -- its rowid
  digest BLOB NOT NULL,
  PRIMARY KEY (table_name, id)
) STRICT, WITHOUT ROWID;
INSERT INTO seals SELECT 'meta', rowid, heirloom_digest('meta', key, value) FROM meta;
INSERT INTO seals SELECT 'registrations', id, heirloom_digest('registrations', id, model_id, kind,
  name, request, expected, state, error_kind, error_message, error_hint, actor, created_at)
  FROM registrations;
INSERT INTO seals SELECT 'generations', id, heirloom_digest('generations', id, model_id, number,
  version_id, snapshot_id, policy_id, seed, cause, state, attempt, epoch, kind, teacher_id,
  model_sha256, model_bytes, classifier_id, kernel, forward_batch, train_seconds, error, created_at)
  FROM generations;
INSERT INTO seals SELECT 'jobs', id, heirloom_digest('jobs', id, kind, registration_id,
  generation_id, subject_id, state, created_at) FROM jobs;
INSERT INTO seals SELECT 'attempts', id, heirloom_digest('attempts', id, job_id, number, epoch,
  started_at, ended_at, started_from, ending, error, stderr_tail) FROM attempts;
)sql";

}  // namespace heirloom::registry

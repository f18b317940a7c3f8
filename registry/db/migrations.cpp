#include "registry/db/migrations.h"

#include <array>

#include "registry/db/append_only.h"
#include "registry/db/migrations_audit.h"
#include "registry/db/migrations_champions.h"
#include "registry/db/migrations_drift.h"
#include "registry/db/migrations_pauses.h"
#include "registry/db/migrations_policies.h"
#include "registry/db/migrations_scale.h"
#include "registry/db/migrations_signatures.h"

namespace heirloom::registry {
namespace {

// Times are UTC ISO 8601 text; digests are blobs of 32 bytes; enumerations are
// written out. Tables marked append-only refuse UPDATE and DELETE by trigger, and the audit chain
// covers their rows (registry/audit/covered_rows.cpp lists the columns).
constexpr const char* kStep1 = R"sql(
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
INSERT INTO meta VALUES ('epoch', '0');

CREATE TABLE models (                       -- append-only
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  channels INTEGER NOT NULL CHECK (channels > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  width INTEGER NOT NULL CHECK (width > 0),
  classes INTEGER NOT NULL CHECK (classes > 1),
  sigma REAL NOT NULL CHECK (sigma > 0),
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE policies (                     -- append-only
  id INTEGER PRIMARY KEY,
  model_id INTEGER NOT NULL REFERENCES models,
  version INTEGER NOT NULL,
  text TEXT NOT NULL,
  text_sha256 BLOB NOT NULL,
  examples INTEGER NOT NULL,                -- of the holdout; 0: all
  n0 INTEGER NOT NULL,
  n INTEGER NOT NULL,
  alpha REAL NOT NULL,
  mode TEXT NOT NULL,
  confidence REAL NOT NULL,
  candidates INTEGER NOT NULL,
  promotions INTEGER NOT NULL,
  risk REAL NOT NULL,
  actor TEXT NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (model_id, version)
) STRICT;

CREATE TABLE thresholds (                   -- append-only
  id INTEGER PRIMARY KEY,
  policy_id INTEGER NOT NULL REFERENCES policies,
  ordinal INTEGER NOT NULL,
  metric TEXT NOT NULL,
  radius REAL NOT NULL,
  comparison TEXT NOT NULL CHECK (comparison IN ('at_least', 'at_most')),
  baseline TEXT NOT NULL CHECK (baseline IN ('absolute', 'champion', 'root')),
  value REAL NOT NULL,
  dry_run INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
  UNIQUE (policy_id, ordinal)
) STRICT;

CREATE TABLE registrations (
  id INTEGER PRIMARY KEY,
  model_id INTEGER NOT NULL REFERENCES models,
  kind TEXT NOT NULL CHECK (kind IN ('version', 'snapshot')),
  name TEXT NOT NULL,
  request TEXT NOT NULL,                    -- JSON of what was asked for
  expected TEXT NOT NULL,                   -- JSON object: path to the SHA-256 it must have
  state TEXT NOT NULL CHECK (state IN ('inspecting', 'registered', 'refused')),
  error_kind TEXT,
  error_message TEXT,
  error_hint TEXT,
  actor TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX registrations_live ON registrations (model_id, kind, name)
  WHERE state <> 'refused';

CREATE TABLE versions (                     -- append-only
  id INTEGER PRIMARY KEY,
  model_id INTEGER NOT NULL REFERENCES models,
  registration_id INTEGER NOT NULL REFERENCES registrations,
  name TEXT NOT NULL,
  arch TEXT NOT NULL,
  parameters TEXT NOT NULL,                 -- JSON object of strings
  weights INTEGER NOT NULL,                 -- trainable numbers
  created_at TEXT NOT NULL,
  UNIQUE (model_id, name)
) STRICT;

CREATE TABLE holdouts (                     -- append-only
  id INTEGER PRIMARY KEY,
  model_id INTEGER NOT NULL REFERENCES models,
  digest BLOB NOT NULL,                     -- the holdout's id: SHA-256 of its sorted examples
  examples INTEGER NOT NULL,
  example_digests BLOB NOT NULL,            -- artifact: 32 bytes an example, in order
  key_commitment BLOB NOT NULL,             -- SHA-256 of the secret noise key
  created_at TEXT NOT NULL,
  UNIQUE (model_id, digest)
) STRICT;

-- The secrets stand apart from the public rows: they leave the daemon only inside a job.
CREATE TABLE holdout_keys (                 -- append-only
  holdout_id INTEGER PRIMARY KEY REFERENCES holdouts,
  noise_key BLOB NOT NULL
) STRICT;

-- A holdout that shares an example with an older one inherits what was spent on that one.
CREATE TABLE holdout_overlaps (             -- append-only
  id INTEGER PRIMARY KEY,
  holdout_id INTEGER NOT NULL REFERENCES holdouts,
  older_id INTEGER NOT NULL REFERENCES holdouts,
  UNIQUE (holdout_id, older_id)
) STRICT;

CREATE TABLE snapshots (                    -- append-only
  id INTEGER PRIMARY KEY,
  model_id INTEGER NOT NULL REFERENCES models,
  registration_id INTEGER NOT NULL REFERENCES registrations,
  name TEXT NOT NULL,
  train TEXT NOT NULL,                      -- JSON manifest of the part
  train_images BLOB NOT NULL,               -- artifact: sorted digests of its images
  holdout TEXT,                             -- the same, or null
  holdout_images BLOB,
  holdout_id INTEGER REFERENCES holdouts,
  created_at TEXT NOT NULL,
  UNIQUE (model_id, name)
) STRICT;

CREATE TABLE generations (
  id INTEGER PRIMARY KEY,
  model_id INTEGER NOT NULL REFERENCES models,
  number INTEGER NOT NULL,
  version_id INTEGER NOT NULL REFERENCES versions,
  snapshot_id INTEGER NOT NULL REFERENCES snapshots,
  policy_id INTEGER NOT NULL REFERENCES policies,
  seed INTEGER NOT NULL,
  cause TEXT NOT NULL,                      -- what triggered it
  state TEXT NOT NULL CHECK (state IN ('queued', 'training', 'certifying', 'judging',
                                       'promoted', 'rejected', 'held', 'failed')),
  attempt INTEGER NOT NULL DEFAULT 0,
  epoch INTEGER NOT NULL DEFAULT 0,
  kind TEXT CHECK (kind IN ('bootstrap', 'transfer')),
  teacher_id INTEGER REFERENCES generations,
  model_sha256 BLOB,
  model_bytes INTEGER,
  classifier_id BLOB,
  kernel TEXT,
  forward_batch INTEGER,
  train_seconds REAL,
  error TEXT,
  created_at TEXT NOT NULL,
  UNIQUE (model_id, number),
  UNIQUE (version_id, snapshot_id, policy_id, seed)
) STRICT;
CREATE INDEX generations_by_state ON generations (state, model_id, number);

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('inspect', 'train', 'transfer', 'certify')),
  registration_id INTEGER REFERENCES registrations,
  generation_id INTEGER REFERENCES generations,
  subject_id INTEGER REFERENCES generations,  -- certify: whose artifact
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'failed')),
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_by_generation ON jobs (generation_id);
CREATE INDEX jobs_open ON jobs (state) WHERE state = 'open';

CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES jobs,
  number INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  started_from INTEGER,                     -- step or example it went on from
  ending TEXT,                              -- 'exit 0', 'signal 9', 'lost with the daemon', ...
  error TEXT,
  stderr_tail TEXT,
  UNIQUE (job_id, number)
) STRICT;

-- What was fixed, and charged to the holdout, before the first draw of a certification.
CREATE TABLE commitments (                  -- append-only
  id INTEGER PRIMARY KEY,
  generation_id INTEGER NOT NULL REFERENCES generations,
  holdout_id INTEGER NOT NULL REFERENCES holdouts,
  policy_id INTEGER NOT NULL REFERENCES policies,
  classifier_id BLOB NOT NULL,
  protocol_id BLOB NOT NULL,
  protocol TEXT NOT NULL,                   -- JSON
  examples TEXT NOT NULL,                   -- JSON array of indices, ascending
  key_commitment BLOB NOT NULL,
  charged INTEGER NOT NULL CHECK (charged IN (0, 1)),
  candidate INTEGER NOT NULL,               -- t: its number on this holdout; 0 when not charged
  promotions INTEGER NOT NULL,              -- i: promotions on this holdout before it
  level REAL NOT NULL,                      -- of each gate
  created_at TEXT NOT NULL,
  UNIQUE (classifier_id, holdout_id, protocol_id)
) STRICT;

CREATE TABLE certificates (                 -- append-only
  id INTEGER PRIMARY KEY,
  commitment_id INTEGER NOT NULL UNIQUE REFERENCES commitments,
  generation_id INTEGER NOT NULL REFERENCES generations,  -- whose model it is about
  model_sha256 BLOB NOT NULL,
  counts BLOB NOT NULL,                     -- artifact: the raw counts
  log BLOB NOT NULL,                        -- artifact: the certificate as TSV
  examples INTEGER NOT NULL,
  acr REAL NOT NULL,
  clean_accuracy REAL NOT NULL,
  abstain_rate REAL NOT NULL,
  certified_accuracy TEXT NOT NULL,         -- JSON object: radius to share
  samples INTEGER NOT NULL,
  seconds REAL NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX certificates_by_generation ON certificates (generation_id);

CREATE TABLE certified_examples (           -- append-only
  certificate_id INTEGER NOT NULL REFERENCES certificates,
  idx INTEGER NOT NULL,
  label INTEGER NOT NULL,
  predicted INTEGER NOT NULL,               -- -1: abstains
  n_a INTEGER NOT NULL,
  p_lower REAL NOT NULL,
  radius REAL NOT NULL,
  PRIMARY KEY (certificate_id, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE verdicts (                     -- append-only
  id INTEGER PRIMARY KEY,
  generation_id INTEGER NOT NULL UNIQUE REFERENCES generations,
  verdict TEXT NOT NULL CHECK (verdict IN ('promoted', 'rejected', 'held')),
  reason TEXT NOT NULL,
  policy_id INTEGER NOT NULL REFERENCES policies,
  certificate_id INTEGER NOT NULL REFERENCES certificates,
  champion_certificate_id INTEGER REFERENCES certificates,
  root_certificate_id INTEGER REFERENCES certificates,
  level REAL NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE gates (                        -- append-only
  id INTEGER PRIMARY KEY,
  verdict_id INTEGER NOT NULL REFERENCES verdicts,
  threshold_id INTEGER NOT NULL REFERENCES thresholds,
  name TEXT NOT NULL,
  applicable INTEGER NOT NULL CHECK (applicable IN (0, 1)),
  pass INTEGER NOT NULL CHECK (pass IN (0, 1)),
  dry_run INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
  radius REAL NOT NULL,
  observed REAL NOT NULL,
  bound REAL NOT NULL,
  required REAL NOT NULL,
  p_value REAL NOT NULL,
  count INTEGER NOT NULL,
  examples INTEGER NOT NULL,
  note TEXT NOT NULL,
  UNIQUE (verdict_id, threshold_id)
) STRICT;

-- What a person decided about a held generation; the verdict of the gates stays as it was.
CREATE TABLE decisions (                    -- append-only
  id INTEGER PRIMARY KEY,
  generation_id INTEGER NOT NULL UNIQUE REFERENCES generations,
  decision TEXT NOT NULL CHECK (decision IN ('approved', 'rejected')),
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE champions (                    -- append-only: the newest row is the champion
  id INTEGER PRIMARY KEY,
  model_id INTEGER NOT NULL REFERENCES models,
  generation_id INTEGER NOT NULL REFERENCES generations,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  since TEXT NOT NULL
) STRICT;
CREATE INDEX champions_by_model ON champions (model_id, id);

CREATE TABLE events (                       -- append-only: the audit chain (docs/audit-format.md)
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  model TEXT,
  generation INTEGER,                       -- its number within the model
  payload TEXT NOT NULL,                    -- JSON
  rows_digest BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;

CREATE INDEX events_by_generation ON events (model, generation, seq);

CREATE TABLE event_rows (                   -- append-only: which rows an event wrote
  seq INTEGER NOT NULL REFERENCES events,
  ordinal INTEGER NOT NULL,
  table_name TEXT NOT NULL,
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  digest BLOB NOT NULL,
  PRIMARY KEY (seq, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_rows_by_table ON event_rows (table_name, first_id);
)sql" HEIRLOOM_APPEND_ONLY("models") HEIRLOOM_APPEND_ONLY("policies")
    HEIRLOOM_APPEND_ONLY("thresholds") HEIRLOOM_APPEND_ONLY("versions")
        HEIRLOOM_APPEND_ONLY("holdouts") HEIRLOOM_APPEND_ONLY("holdout_keys")
            HEIRLOOM_APPEND_ONLY("holdout_overlaps") HEIRLOOM_APPEND_ONLY("snapshots")
                HEIRLOOM_APPEND_ONLY("commitments") HEIRLOOM_APPEND_ONLY("certificates")
                    HEIRLOOM_APPEND_ONLY("certified_examples") HEIRLOOM_APPEND_ONLY("verdicts")
                        HEIRLOOM_APPEND_ONLY("gates") HEIRLOOM_APPEND_ONLY("decisions")
                            HEIRLOOM_APPEND_ONLY("champions") HEIRLOOM_APPEND_ONLY("events")
                                HEIRLOOM_APPEND_ONLY("event_rows");

// How a policy certifies, as far as step 1 did not know of it: a table of its own, since the
// columns of `policies` that the chain covers are frozen.
constexpr const char* kStep2 = R"sql(
CREATE TABLE certify_options (              -- append-only
  policy_id INTEGER PRIMARY KEY REFERENCES policies,
  precision TEXT NOT NULL CHECK (precision IN ('fp32', 'bf16')),
  tolerance REAL NOT NULL,                  -- adaptive mode: of the radius
  grid INTEGER NOT NULL CHECK (grid IN (0, 1)),
  falsify_examples INTEGER NOT NULL         -- attacked before a promotion; 0: none
) STRICT;
)sql" HEIRLOOM_APPEND_ONLY("certify_options");

// Attacks on certificates. `jobs` is made anew, since its CHECK allowed the kinds of step 1 only:
// the kinds are those of core/jobs/job.h, and later ones need no new table.
constexpr const char* kStep3 = R"sql(
ALTER TABLE attempts RENAME TO attempts_of_step_1;
ALTER TABLE jobs RENAME TO jobs_of_step_1;
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  registration_id INTEGER REFERENCES registrations,
  generation_id INTEGER REFERENCES generations,
  subject_id INTEGER REFERENCES generations,  -- certify, attack: whose artifact
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'failed')),
  created_at TEXT NOT NULL
) STRICT;
CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES jobs,
  number INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  started_from INTEGER,                     -- step or example it went on from
  ending TEXT,                              -- 'exit 0', 'signal 9', 'lost with the daemon', ...
  error TEXT,
  stderr_tail TEXT,
  UNIQUE (job_id, number)
) STRICT;
INSERT INTO jobs SELECT id, kind, registration_id, generation_id, subject_id, state, created_at
  FROM jobs_of_step_1;
INSERT INTO attempts SELECT id, job_id, number, epoch, started_at, ended_at, started_from, ending,
  error, stderr_tail FROM attempts_of_step_1;
DROP TABLE attempts_of_step_1;
DROP TABLE jobs_of_step_1;
CREATE INDEX jobs_by_generation ON jobs (generation_id);
CREATE INDEX jobs_open ON jobs (state) WHERE state = 'open';

-- What an attack on a certificate found. A certificate is of one classifier, holdout and protocol,
-- so the UNIQUE means that no attack is made twice.
CREATE TABLE falsifications (               -- append-only
  id INTEGER PRIMARY KEY,
  generation_id INTEGER NOT NULL REFERENCES generations,
  certificate_id INTEGER NOT NULL REFERENCES certificates,
  requested INTEGER NOT NULL,               -- falsify.examples of the policy
  drawn INTEGER NOT NULL,                   -- examples looked at to find those to attack
  attacked INTEGER NOT NULL,
  broken INTEGER NOT NULL,
  examples TEXT NOT NULL,                   -- JSON array: indices of the broken ones, ascending
  attack_rows BLOB NOT NULL,                -- artifact: attack.tsv
  samples INTEGER NOT NULL,
  seconds REAL NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (certificate_id, requested)
) STRICT;
)sql" HEIRLOOM_APPEND_ONLY("falsifications");

// The file of a version: the TorchScript module that it is, or safetensors weights that its
// trainings begin with. What a training ended in before it was folded, and how it went; of a
// generation that was trained again the last row counts.
constexpr const char* kStep4 = R"sql(
CREATE TABLE version_files (                -- append-only
  version_id INTEGER PRIMARY KEY REFERENCES versions,
  sha256 BLOB NOT NULL,                     -- artifact
  bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE trained_weights (              -- append-only
  id INTEGER PRIMARY KEY,
  generation_id INTEGER NOT NULL REFERENCES generations,
  sha256 BLOB NOT NULL,                     -- artifact: safetensors
  bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX trained_weights_by_generation ON trained_weights (generation_id);

CREATE TABLE trainings (                    -- append-only
  id INTEGER PRIMARY KEY,
  generation_id INTEGER NOT NULL REFERENCES generations,
  report TEXT NOT NULL                      -- JSON: steps, final_loss, recoveries, curve, transfer
) STRICT;
CREATE INDEX trainings_by_generation ON trainings (generation_id);

-- What is asked of a worker names the file, or says that there is none.
UPDATE registrations SET request = json_set(request, '$.file', '') WHERE kind = 'version';
)sql" HEIRLOOM_APPEND_ONLY("version_files") HEIRLOOM_APPEND_ONLY("trained_weights")
    HEIRLOOM_APPEND_ONLY("trainings");

const std::array<const char*, 11> kSteps = {kStep1,          kStep2,     kStep3,     kStep4,
                                            kChampionsStep,  kSealsStep, kScaleStep, kPoliciesStep,
                                            kSignaturesStep, kDriftStep, kPausesStep};

}  // namespace

int latest_schema_version() {
  return static_cast<int>(kSteps.size());
}
const char* migration_sql(int version) {
  return kSteps.at(static_cast<std::size_t>(version) - 1);
}

}  // namespace heirloom::registry

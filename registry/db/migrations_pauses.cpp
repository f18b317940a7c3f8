#include "registry/db/migrations_pauses.h"

#include "registry/db/append_only.h"

namespace heirloom::registry {

const char* const kPausesStep = R"sql(
CREATE TABLE pauses (                       -- append-only: the newest row of a model says
  id INTEGER PRIMARY KEY,
  model_id INTEGER REFERENCES models,       -- null: the whole daemon
  paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX pauses_by_model ON pauses (model_id, id);
)sql" HEIRLOOM_APPEND_ONLY("pauses");

}  // namespace heirloom::registry

#include "registry/db/migrations_champions.h"

#include "registry/db/append_only.h"

namespace heirloom::registry {

// The triggers hold whatever the code above them does: a barred generation becomes neither champion
// nor teacher.
const char* const kChampionsStep = R"sql(
CREATE TABLE bars (                         -- append-only: never champion or teacher again
  id INTEGER PRIMARY KEY,
  generation_id INTEGER NOT NULL UNIQUE REFERENCES generations,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE TRIGGER champions_not_barred BEFORE INSERT ON champions
  WHEN EXISTS (SELECT 1 FROM bars WHERE generation_id = NEW.generation_id)
  BEGIN SELECT RAISE(ABORT, 'a barred generation is never champion'); END;
CREATE TRIGGER generations_not_taught_by_barred BEFORE UPDATE OF teacher_id ON generations
  WHEN NEW.teacher_id IS NOT OLD.teacher_id AND
       EXISTS (SELECT 1 FROM bars WHERE generation_id = NEW.teacher_id)
  BEGIN SELECT RAISE(ABORT, 'a barred generation is never teacher'); END;
CREATE INDEX champions_by_time ON champions (model_id, since, id);
CREATE INDEX champions_by_generation ON champions (generation_id, id);
)sql" HEIRLOOM_APPEND_ONLY("bars");

}  // namespace heirloom::registry

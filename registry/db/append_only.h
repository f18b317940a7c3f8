// The triggers that make a table append-only, as a part of a migration's SQL.
#pragma once

#define HEIRLOOM_APPEND_ONLY(table)                            \
  "CREATE TRIGGER " table "_no_update BEFORE UPDATE ON " table \
  " BEGIN SELECT RAISE(ABORT, '" table                         \
  " is append-only'); END;"                                    \
  "CREATE TRIGGER " table "_no_delete BEFORE DELETE ON " table \
  " BEGIN SELECT RAISE(ABORT, '" table " is append-only'); END;"

// How a row of `events` is read.
#pragma once

#include "core/audit/chain.h"
#include "registry/db/database.h"

namespace heirloom::registry {

inline constexpr const char* kEventColumns =
    "seq, at, actor, kind, model, generation, payload, hash, rows_digest";
inline constexpr int kRowsDigestColumn = 8;

inline audit::Event read_event(const Query& row) {
  return {row.integer(0),          row.text(1), row.text(2),  row.text(3), row.optional_text(4),
          row.optional_integer(5), row.text(6), row.digest(7)};
}

}  // namespace heirloom::registry

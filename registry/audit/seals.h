// Digests of the rows that change over their life (states, attempts, ...), which the chain cannot
// cover: written with every change, so that damage to such a row is found. They hold off decay, not
// a forger: what verdicts rest on is covered by the chain itself.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "registry/db/database.h"

namespace heirloom::registry {

struct SealedTable {
  std::string_view name;
  std::string_view columns;  // all of them
};
std::span<const SealedTable> sealed_tables();

// Records the row as it now is; `id` is its rowid.
void seal(Transaction& transaction, std::string_view table, std::int64_t id);

// Rows with ids in (after, last] whose seal does not fit, is missing or has no row: the first of
// them.
std::optional<std::int64_t> first_broken_seal(Database& db, const SealedTable& table,
                                              std::int64_t after, std::int64_t last);
// The largest id of a row or a seal of the table.
std::int64_t last_sealed(Database& db, const SealedTable& table);

}  // namespace heirloom::registry

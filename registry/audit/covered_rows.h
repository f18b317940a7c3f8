// Which rows the audit chain covers, and the digest of a range of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "registry/db/database.h"

namespace heirloom::registry {

// Rows first_id .. last_id (both included) of one covered table, by its key column.
struct RowRange {
  std::string table;
  std::int64_t first_id = 0;
  std::int64_t last_id = 0;
};

// `columns` are what is hashed, in this order; frozen with the table. For certified_examples the
// key is the certificate, so that one range is a whole certificate's examples.
struct CoveredTable {
  std::string_view name;
  std::string_view key;
  std::string_view columns;
  std::string_view order;
};

std::span<const CoveredTable> covered_tables();
const CoveredTable* find_covered_table(std::string_view name);

// SHA-256 over the FieldEncoder of each row: table name, row count, then per value its SQLite
// storage class and the value (docs/audit-format.md).
struct RangeDigest {
  base::Digest digest;
  std::int64_t rows = 0;
};
RangeDigest digest_rows(Database& db, const RowRange& range);

// A key of `table` that no event covers, if there is one: a row added behind the chain's back.
std::optional<std::int64_t> first_uncovered_row(Database& db, const CoveredTable& table);

}  // namespace heirloom::registry

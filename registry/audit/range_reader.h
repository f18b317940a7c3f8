// Reads a recorded range of rows in pieces and digests it. Holds no statement between pieces, so
// that transactions may come in between: the rows of covered tables never change.
#pragma once

#include <cstdint>

#include "core/audit/chain.h"
#include "core/audit/covered_tables.h"
#include "core/audit/row_digest.h"
#include "registry/db/database.h"

namespace heirloom::registry {

class RangeReader {
 public:
  // Throws DatabaseFailure when the chain does not cover the table.
  RangeReader(Database& db, audit::RowRange range);

  // Digests at most `rows` more. True when the range is whole.
  bool step(std::int64_t rows);
  std::int64_t rows() const { return digester_.rows(); }
  base::Digest finish() { return digester_.finish(); }

 private:
  Database& db_;
  const audit::RowRange range_;
  const audit::CoveredTable& table_;
  audit::RangeDigester digester_;
  // The last row that was read: its key and, for certified_examples, its place within the key.
  std::int64_t key_;
  std::int64_t place_ = 0;
};

}  // namespace heirloom::registry

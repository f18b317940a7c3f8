#include "registry/audit/covered_rows.h"

#include "registry/audit/range_reader.h"

namespace heirloom::registry {

RangeDigest digest_rows(Database& db, const RowRange& range) {
  constexpr std::int64_t kPiece = 4096;
  RangeReader reader(db, range);
  while (!reader.step(kPiece)) {
  }
  const std::int64_t rows = reader.rows();
  return {reader.finish(), rows};
}

}  // namespace heirloom::registry

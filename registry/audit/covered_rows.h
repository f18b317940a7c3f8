// Rows as the audit chain covers them: ranges, and the digest of one.
#pragma once

#include <cstdint>

#include "core/audit/chain.h"
#include "core/base/digest.h"
#include "registry/db/database.h"

namespace heirloom::registry {

using audit::RowRange;

struct RangeDigest {
  base::Digest digest;
  std::int64_t rows = 0;
};
// Throws DatabaseFailure when the chain does not cover the table.
RangeDigest digest_rows(Database& db, const RowRange& range);

}  // namespace heirloom::registry

// The audit chain as values: an event, the rows that it wrote, and the hash that binds both to the
// event before (docs/audit-format.md). No SQL: a bundle is checked with the same functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/base/digest.h"

namespace heirloom::audit {

struct Event {
  std::int64_t seq = 0;
  std::string at;
  std::string actor;
  std::string kind;
  std::optional<std::string> model;
  std::optional<std::int64_t> generation;  // its number
  std::string payload;                     // JSON
  base::Digest hash;
};

// Rows first_id .. last_id (both included) of one covered table, by its key column.
struct RowRange {
  std::string table;
  std::int64_t first_id = 0;
  std::int64_t last_id = 0;
};

struct RecordedRange {
  RowRange range;
  base::Digest digest;
};

// Over the ranges that an event recorded, in their order.
base::Digest digest_of_ranges(std::span<const RecordedRange> ranges);

// h_i; `previous` is h_{i-1}, zero bytes for the first event.
base::Digest chain_hash(const base::Digest& previous, const Event& event,
                        const base::Digest& rows_digest);

}  // namespace heirloom::audit

// A part of the registry taken along: events of the chain with the rows that they recorded.
#pragma once

#include <optional>
#include <vector>

#include "core/audit/chain.h"
#include "core/audit/row_digest.h"

namespace heirloom::audit {

struct RecordedRows {
  RecordedRange recorded;
  std::optional<std::vector<Row>> rows;  // none: not taken along
};

struct EventRows {
  Event event;
  base::Digest previous;  // the hash of the event before
  std::vector<RecordedRows> ranges;
};

// An event between, of which only its place in the chain matters.
struct Link {
  Event event;
  base::Digest rows_digest;
};

}  // namespace heirloom::audit

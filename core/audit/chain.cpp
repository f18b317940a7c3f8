#include "core/audit/chain.h"

#include <string_view>

namespace heirloom::audit {

base::Digest digest_of_ranges(std::span<const RecordedRange> ranges) {
  base::FieldEncoder all;
  for (const auto& [range, digest] : ranges) {
    all.text(range.table).integer(range.first_id).integer(range.last_id).digest(digest);
  }
  return all.sha256();
}

// The leading zero byte sets events apart from any later kind of node over them.
base::Digest chain_hash(const base::Digest& previous, const Event& event,
                        const base::Digest& rows_digest) {
  base::FieldEncoder fields;
  fields.integer(event.seq).text(event.at).text(event.actor).text(event.kind);
  event.model ? fields.text(*event.model) : fields.null();
  event.generation ? fields.integer(*event.generation) : fields.null();
  fields.text(event.payload).digest(rows_digest);
  base::Sha256 hash;
  hash.update(std::string_view("\0", 1));
  hash.update(std::as_bytes(std::span(previous.bytes)));
  hash.update(fields.encoded());
  return hash.finish();
}

}  // namespace heirloom::audit

// The audit chain: every change of state is an event, each bound to the one before it by
// h_i = SHA-256(0x00 | h_{i-1} | fields), and to the rows that it wrote (docs/audit-format.md).
//
// A chain alone cannot show that its tail was cut off or that all of it was rewritten; a head kept
// elsewhere does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/result.h"
#include "registry/audit/covered_rows.h"
#include "registry/db/database.h"

namespace heirloom::registry {

// What is about to be recorded. `rows` were written in the same transaction.
struct EventDraft {
  std::string actor;  // "uid:1000", "heirloomd", "inbox"
  std::string kind;   // "policy.applied", "generation.moved", ...
  std::optional<std::string> model;
  std::optional<std::int64_t> generation;  // its number
  std::string payload = "{}";              // JSON
  std::vector<RowRange> rows;
};

struct Event {
  std::int64_t seq = 0;
  std::string at;
  std::string actor;
  std::string kind;
  std::optional<std::string> model;
  std::optional<std::int64_t> generation;
  std::string payload;
  base::Digest hash;
};

struct AuditProblem {
  std::int64_t seq = 0;  // the first bad event; 0 when no event is to blame
  std::string table;     // the table of the first bad row, or "events"
  std::int64_t row = 0;  // first row of the range that differs; for events its seq
  std::string message;
};

struct AuditReport {
  std::int64_t events = 0;
  std::int64_t rows = 0;  // rows that events recorded, recomputed
  base::Digest head;
  std::optional<AuditProblem> problem;  // none: intact
};

class AuditLog {
 public:
  AuditLog(Database& db, const base::Clock& clock) : db_(db), clock_(clock) {}

  // Appends within `transaction`; the event is durable when that commits. Its seq.
  std::int64_t append(Transaction& transaction, const EventDraft& draft);

  // Events with seq > after, oldest first, at most `limit`; of one model when given.
  std::vector<Event> list(std::int64_t after, std::int64_t limit,
                          const std::optional<std::string>& model);

  // When the generation's last move was recorded; empty when it has none.
  std::string last_move(std::string_view model, std::int64_t generation);

  // Recomputes the chain and every row it covers, and stops at the first difference.
  AuditReport verify();

  // Recomputes the recorded range that holds `id` of `table`, and its event's place in the chain.
  // An error of kind `tampered` names the row and the event. Cheap: one range.
  base::Result<void> check_row(std::string_view table, std::int64_t id);
  // The same for a generation, and that its state, artifact and teacher are what its last event
  // said.
  base::Result<void> check_generation(std::int64_t id);

 private:
  std::optional<AuditProblem> check_artifacts();
  std::optional<AuditProblem> check_states(std::optional<std::int64_t> generation_id);

  Database& db_;
  const base::Clock& clock_;
};

}  // namespace heirloom::registry

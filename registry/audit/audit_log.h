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

#include "core/audit/chain.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/result.h"
#include "registry/audit/audit_check.h"
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

using audit::Event;

// The last event: whoever keeps it elsewhere can tell a registry whose tail was cut off, or that
// was rewritten from the first event on.
struct Head {
  std::int64_t seq = 0;  // 0: no event yet
  std::string at;
  base::Digest hash;
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

  // The newest event of that kind whose payload has this job.
  std::optional<Event> event_of_job(std::string_view kind, std::string_view model,
                                    std::int64_t generation, std::int64_t job);

  Head head();
  std::optional<Event> event(std::int64_t seq);

  // The whole AuditCheck in one go.
  AuditReport verify();

  // The events since the last checkpoint hold together, and the checkpoint is one of them. Without
  // a checkpoint: the last kTail events. Cheap enough for every start; rows are left to AuditCheck.
  static constexpr std::int64_t kTail = 1000;
  std::optional<AuditProblem> check_tail();
  // The chain was found intact up to here.
  void set_checkpoint(Transaction& transaction, std::int64_t seq, const base::Digest& hash);

  // Recomputes the recorded range that holds `id` of `table`, and its event's place in the chain.
  // An error of kind `tampered` names the row and the event. Cheap: one range.
  base::Result<void> check_row(std::string_view table, std::int64_t id);
  // The same for a generation, and that its state, artifact and teacher are what its last event
  // said.
  base::Result<void> check_generation(std::int64_t id);

 private:
  Database& db_;
  const base::Clock& clock_;
};

}  // namespace heirloom::registry

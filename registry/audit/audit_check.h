// The whole audit of a registry in small pieces: the chain and every row that it covers, rows that
// no event recorded, generations against their last event, seals, the holdouts' keys, the schema.
// Owned and stepped by whoever has time; transactions may come between two steps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/audit/chain.h"
#include "registry/audit/range_reader.h"
#include "registry/db/database.h"

namespace heirloom::registry {

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

class AuditCheck {
 public:
  explicit AuditCheck(Database& db) : db_(db) {}

  // At most kPiece rows, or as many generations or ranges as cost about as much: well below a
  // millisecond. True when the check is at its end: at the first difference, or everything is
  // intact.
  static constexpr std::int64_t kPiece = 256;
  bool step();
  const AuditReport& report() const { return report_; }

 private:
  enum class Stage { chain, coverage, states, artifacts, seals, keys, schema, done };

  // Each does a piece; true when the stage is at its end.
  bool step_chain();
  bool begin_event();
  bool end_event();
  bool step_coverage();
  bool step_states();
  bool step_artifacts();
  bool step_seals();
  bool check_keys();
  bool check_schema();
  bool step_stage();
  void broken(std::int64_t seq, std::string_view table, std::int64_t row, std::string message);

  Database& db_;
  AuditReport report_;
  Stage stage_ = Stage::chain;
  // chain: the event under way and its ranges.
  std::optional<audit::Event> event_;
  base::Digest rows_digest_;
  std::vector<audit::RecordedRange> ranges_;
  std::size_t range_ = 0;
  std::optional<RangeReader> reader_;
  // The other stages: which table, and how far in it.
  std::size_t table_ = 0;
  std::int64_t after_ = 0;
};

// What recomputing finds of one event's ranges, in one go: for checks of a single row.
struct RowsOfEvent {
  base::Digest digest;
  std::int64_t rows = 0;
  std::optional<AuditProblem> problem;
};
RowsOfEvent recompute_rows(Database& db, std::int64_t seq);

// The generation must be what the last event about it said; `last` bounds the ids looked at.
std::optional<AuditProblem> check_states(Database& db, std::int64_t after, std::int64_t last);

}  // namespace heirloom::registry

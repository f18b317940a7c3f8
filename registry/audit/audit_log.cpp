#include "registry/audit/audit_log.h"

#include <fmt/format.h>

namespace heirloom::registry {
namespace {

constexpr const char* kEventColumns =
    "seq, at, actor, kind, model, generation, payload, hash, rows_digest";

Event read_event(const Query& row) {
  return Event{row.integer(0), row.text(1),          row.text(2),
               row.text(3),    row.optional_text(4), row.optional_integer(5),
               row.text(6),    row.digest(7)};
}

// h_i; the leading zero byte sets events apart from any later kind of node over them.
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

void encode_range(base::FieldEncoder& out, const RowRange& range, const base::Digest& digest) {
  out.text(range.table).integer(range.first_id).integer(range.last_id).digest(digest);
}

// Recomputes the ranges of one event from the tables; the digest over them, or the first range
// that differs from what was recorded.
struct RowsOfEvent {
  base::Digest digest;
  std::int64_t rows = 0;
  std::optional<AuditProblem> problem;
};

RowsOfEvent recompute_rows(Database& db, std::int64_t seq) {
  RowsOfEvent out;
  base::FieldEncoder all;
  Query recorded = db.query(
      "SELECT table_name, first_id, last_id, digest FROM event_rows WHERE seq = ? ORDER BY ordinal",
      seq);
  while (recorded.step()) {
    const RowRange range{recorded.text(0), recorded.integer(1), recorded.integer(2)};
    const base::Digest expected = recorded.digest(3);
    const bool covered = find_covered_table(range.table) != nullptr;
    const RangeDigest now = covered ? digest_rows(db, range) : RangeDigest{};
    if (!covered || now.digest != expected) {
      out.problem =
          AuditProblem{seq, range.table, range.first_id,
                       range.first_id == range.last_id
                           ? fmt::format("{} row {} differs from what event {} recorded",
                                         range.table, range.first_id, seq)
                           : fmt::format("{} rows {} to {} differ from what event {} recorded",
                                         range.table, range.first_id, range.last_id, seq)};
      return out;
    }
    encode_range(all, range, expected);
    out.rows += now.rows;
  }
  out.digest = all.sha256();
  return out;
}

}  // namespace

std::int64_t AuditLog::append(Transaction& transaction, const EventDraft& draft) {
  Database& db = transaction.db();
  Event event;
  base::Digest previous;
  if (Query last = db.query("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1");
      last.step()) {
    event.seq = last.integer(0);
    previous = last.digest(1);
  }
  event.seq += 1;
  event.at = base::to_iso8601(clock_.wall());
  event.actor = draft.actor;
  event.kind = draft.kind;
  event.model = draft.model;
  event.generation = draft.generation;
  event.payload = draft.payload;

  base::FieldEncoder all;
  std::vector<base::Digest> digests;
  for (const RowRange& range : draft.rows) {
    digests.push_back(digest_rows(db, range).digest);
    encode_range(all, range, digests.back());
  }
  const base::Digest rows_digest = all.sha256();
  event.hash = chain_hash(previous, event, rows_digest);
  db.execute(
      "INSERT INTO events (seq, at, actor, kind, model, generation, payload, rows_digest, hash) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      event.seq, event.at, event.actor, event.kind, event.model, event.generation, event.payload,
      rows_digest, event.hash);
  for (std::size_t i = 0; i < draft.rows.size(); ++i) {
    db.execute("INSERT INTO event_rows VALUES (?, ?, ?, ?, ?, ?)", event.seq, i,
               draft.rows[i].table, draft.rows[i].first_id, draft.rows[i].last_id, digests[i]);
  }
  return event.seq;
}

std::vector<Event> AuditLog::list(std::int64_t after, std::int64_t limit,
                                  const std::optional<std::string>& model) {
  const std::string sql = fmt::format(
      "SELECT {} FROM events WHERE seq > ?1 AND (?2 IS NULL OR model = ?2) ORDER BY seq LIMIT ?3",
      kEventColumns);
  Query rows = db_.query(sql.c_str(), after, model, limit);
  std::vector<Event> out;
  while (rows.step()) out.push_back(read_event(rows));
  return out;
}

std::string AuditLog::last_move(std::string_view model, std::int64_t generation) {
  Query row = db_.query(
      "SELECT at FROM events WHERE model = ? AND generation = ? AND kind LIKE 'generation.%' "
      "ORDER BY seq DESC LIMIT 1",
      model, generation);
  return row.step() ? row.text(0) : std::string();
}

AuditReport AuditLog::verify() {
  AuditReport report;
  const std::string sql = fmt::format("SELECT {} FROM events ORDER BY seq", kEventColumns);
  Query rows = db_.query(sql.c_str());
  while (rows.step()) {
    const Event event = read_event(rows);
    const auto broken = [&](std::string message) {
      report.problem = AuditProblem{event.seq, "events", event.seq, std::move(message)};
      return report;
    };
    if (event.seq != report.events + 1) {
      return broken(
          fmt::format("event {} follows event {}: events are missing", event.seq, report.events));
    }
    const RowsOfEvent covered = recompute_rows(db_, event.seq);
    if (covered.problem) {
      report.problem = covered.problem;
      return report;
    }
    if (covered.digest != rows.digest(8)) {
      return broken(fmt::format("the list of rows of event {} was changed", event.seq));
    }
    if (chain_hash(report.head, event, covered.digest) != event.hash) {
      return broken(fmt::format("event {} was changed, or an event before it", event.seq));
    }
    report.head = event.hash;
    report.events = event.seq;
    report.rows += covered.rows;
  }
  for (const CoveredTable& table : covered_tables()) {
    if (const auto id = first_uncovered_row(db_, table)) {
      report.problem =
          AuditProblem{0, std::string(table.name), *id,
                       fmt::format("{} row {} was recorded by no event", table.name, *id)};
      return report;
    }
  }
  report.problem = check_states(std::nullopt);
  if (!report.problem) report.problem = check_artifacts();
  return report;
}

// A generation's state, artifact and teacher may change, so no digest can cover them: instead they
// must be what the last event about that generation said.
std::optional<AuditProblem> AuditLog::check_states(std::optional<std::int64_t> generation_id) {
  Query rows = db_.query(
      "SELECT g.id, g.number, m.name, e.seq FROM generations g JOIN models m ON m.id = g.model_id "
      "LEFT JOIN events e ON e.seq = (SELECT max(seq) FROM events WHERE model = m.name AND "
      "generation = g.number AND kind LIKE 'generation.%') "
      "WHERE (?1 IS NULL OR g.id = ?1) AND (e.seq IS NULL "
      "OR json_extract(e.payload, '$.state') IS NOT g.state "
      "OR json_extract(e.payload, '$.model_sha256') IS NOT nullif(lower(hex(g.model_sha256)), '') "
      "OR json_extract(e.payload, '$.classifier_id') IS NOT "
      "  nullif(lower(hex(g.classifier_id)), '') "
      "OR json_extract(e.payload, '$.kernel') IS NOT g.kernel "
      "OR json_extract(e.payload, '$.teacher') IS NOT "
      "  (SELECT 'g' || t.number FROM generations t WHERE t.id = g.teacher_id)) LIMIT 1",
      generation_id);
  if (rows.step()) {
    const std::int64_t seq = rows.optional_integer(3).value_or(0);
    return AuditProblem{seq, "generations", rows.integer(0),
                        fmt::format("g{} of {} is not in the state that event {} recorded",
                                    rows.integer(1), rows.text(2), seq)};
  }
  return std::nullopt;
}

// The artifact is set by the move from training to certifying and by no other: an event that names
// another one recorded a row that somebody had edited.
std::optional<AuditProblem> AuditLog::check_artifacts() {
  Query rows = db_.query(
      "SELECT e.seq, e.generation, e.model FROM events e WHERE e.kind LIKE 'generation.%' "
      "AND json_extract(e.payload, '$.classifier_id') IS NOT NULL AND EXISTS ("
      "  SELECT 1 FROM events p WHERE p.seq = (SELECT max(seq) FROM events WHERE "
      "    model = e.model AND generation = e.generation AND kind = 'generation.certifying' "
      "    AND seq < e.seq) AND (e.kind <> 'generation.certifying' OR "
      "    json_extract(e.payload, '$.from') IS NOT 'training') AND ("
      "  json_extract(p.payload, '$.classifier_id') IS NOT "
      "    json_extract(e.payload, '$.classifier_id') OR "
      "  json_extract(p.payload, '$.model_sha256') IS NOT "
      "    json_extract(e.payload, '$.model_sha256'))) ORDER BY e.seq LIMIT 1");
  if (!rows.step()) return std::nullopt;
  return AuditProblem{
      rows.integer(0), "generations", rows.integer(1),
      fmt::format("event {} names another artifact for g{} of {} than was certified",
                  rows.integer(0), rows.integer(1), rows.text(2))};
}

base::Result<void> AuditLog::check_generation(std::int64_t id) {
  HEIRLOOM_TRY(check_row("generations", id));
  if (const auto problem = check_states(id)) {
    return base::fail(base::ErrorKind::tampered, problem->message,
                      "`heirloom audit verify` shows the extent");
  }
  return {};
}

base::Result<void> AuditLog::check_row(std::string_view table, std::int64_t id) {
  const auto tampered = [](std::string message) {
    return base::fail(base::ErrorKind::tampered, std::move(message),
                      "`heirloom audit verify` shows the extent; restore the registry from a "
                      "backup, then `heirloom retry`");
  };
  Query owner = db_.query(
      "SELECT seq FROM event_rows WHERE table_name = ? AND first_id <= ? AND last_id >= ?", table,
      id, id);
  if (!owner.step()) return tampered(fmt::format("{} row {} was recorded by no event", table, id));
  const std::int64_t seq = owner.integer(0);
  const RowsOfEvent covered = recompute_rows(db_, seq);
  if (covered.problem) return tampered(covered.problem->message);

  const std::string sql =
      fmt::format("SELECT {} FROM events WHERE seq IN (?, ?) ORDER BY seq", kEventColumns);
  Query rows = db_.query(sql.c_str(), seq - 1, seq);
  base::Digest previous;
  while (rows.step()) {
    const Event event = read_event(rows);
    if (event.seq == seq && chain_hash(previous, event, covered.digest) == event.hash) return {};
    previous = event.hash;
  }
  return tampered(fmt::format("event {}, which recorded {} row {}, was changed", seq, table, id));
}

}  // namespace heirloom::registry

#include "registry/audit/audit_log.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "registry/audit/event_query.h"
#include "registry/audit/seals.h"

namespace heirloom::registry {
namespace {

// Where the chain was last found intact, in `meta`: "SEQ HASH".
constexpr const char* kCheckpoint = "audit_checkpoint";

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

  std::vector<audit::RecordedRange> ranges;
  for (const RowRange& range : draft.rows) {
    ranges.push_back({range, digest_rows(db, range).digest});
  }
  const base::Digest rows_digest = audit::digest_of_ranges(ranges);
  event.hash = audit::chain_hash(previous, event, rows_digest);
  db.execute(
      "INSERT INTO events (seq, at, actor, kind, model, generation, payload, rows_digest, hash) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      event.seq, event.at, event.actor, event.kind, event.model, event.generation, event.payload,
      rows_digest, event.hash);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const auto& [range, digest] = ranges[i];
    db.execute("INSERT INTO event_rows VALUES (?, ?, ?, ?, ?, ?)", event.seq, i, range.table,
               range.first_id, range.last_id, digest);
  }
  return event.seq;
}

std::vector<Event> AuditLog::list(std::int64_t after, std::int64_t limit,
                                  const std::optional<std::string>& model) {
  const std::string sql = fmt::format("SELECT {} FROM events WHERE {} seq > ? ORDER BY seq LIMIT ?",
                                      kEventColumns, model ? "model = ? AND" : "");
  Query rows =
      model ? db_.query(sql.c_str(), *model, after, limit) : db_.query(sql.c_str(), after, limit);
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

std::optional<Event> AuditLog::event_of_job(std::string_view kind, std::string_view model,
                                            std::int64_t generation, std::int64_t job) {
  Query row = db_.query(
      fmt::format("SELECT {} FROM events WHERE model = ? AND generation = ? AND kind = ? AND "
                  "json_extract(payload, '$.job') = ? ORDER BY seq DESC LIMIT 1",
                  kEventColumns)
          .c_str(),
      model, generation, kind, job);
  if (!row.step()) return std::nullopt;
  return read_event(row);
}

Head AuditLog::head() {
  Query last = db_.query("SELECT seq, at, hash FROM events ORDER BY seq DESC LIMIT 1");
  if (!last.step()) return {};
  return {last.integer(0), last.text(1), last.digest(2)};
}

std::optional<Event> AuditLog::event(std::int64_t seq) {
  Query row =
      db_.query(fmt::format("SELECT {} FROM events WHERE seq = ?", kEventColumns).c_str(), seq);
  if (!row.step()) return std::nullopt;
  return read_event(row);
}

AuditReport AuditLog::verify() {
  AuditCheck check(db_);
  while (!check.step()) {
  }
  return check.report();
}

std::optional<AuditProblem> AuditLog::check_tail() {
  std::int64_t seq = std::max<std::int64_t>(head().seq - kTail, 0);
  base::Digest hash;
  Query checkpoint = db_.query("SELECT value FROM meta WHERE key = ?", kCheckpoint);
  const bool has_checkpoint = checkpoint.step();
  if (has_checkpoint) {
    const std::string text = checkpoint.text(0);
    const std::size_t blank = std::min(text.find(' '), text.size());
    const auto digest =
        base::Digest::from_hex(std::string_view(text).substr(std::min(blank + 1, text.size())));
    if (std::from_chars(text.data(), text.data() + blank, seq).ec != std::errc() || !digest) {
      return AuditProblem{0, "meta", 0, "the checkpoint of the chain was changed"};
    }
    hash = *digest;
  }
  if (seq > 0) {
    const auto start = event(seq);
    if (!start || (has_checkpoint && start->hash != hash)) {
      return AuditProblem{seq, "events", seq,
                          fmt::format("event {} is not the one of the last checkpoint", seq)};
    }
    hash = start->hash;
  }
  Query rows = db_.query(
      fmt::format("SELECT {} FROM events WHERE seq > ? ORDER BY seq", kEventColumns).c_str(), seq);
  while (rows.step()) {
    const Event next = read_event(rows);
    if (next.seq != seq + 1 ||
        audit::chain_hash(hash, next, rows.digest(kRowsDigestColumn)) != next.hash) {
      return AuditProblem{
          next.seq, "events", next.seq,
          fmt::format("event {} was changed, or events before it are missing", next.seq)};
    }
    seq = next.seq;
    hash = next.hash;
  }
  return std::nullopt;
}

void AuditLog::set_checkpoint(Transaction& transaction, std::int64_t seq,
                              const base::Digest& hash) {
  Database& db = transaction.db();
  db.execute(
      "INSERT INTO meta (key, value) VALUES (?, ?) "
      "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      kCheckpoint, fmt::format("{} {}", seq, hash.hex()));
  Query row = db.query("SELECT rowid FROM meta WHERE key = ?", kCheckpoint);
  row.step();
  seal(transaction, "meta", row.integer(0));
}

base::Result<void> AuditLog::check_generation(std::int64_t id) {
  HEIRLOOM_TRY(check_row("generations", id));
  if (const auto problem = check_states(db_, id - 1, id)) {
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
      "SELECT seq, last_id FROM event_rows WHERE table_name = ? AND first_id <= ? "
      "ORDER BY first_id DESC LIMIT 1",
      table, id);
  if (!owner.step() || owner.integer(1) < id) {
    return tampered(fmt::format("{} row {} was recorded by no event", table, id));
  }
  const std::int64_t seq = owner.integer(0);
  const RowsOfEvent covered = recompute_rows(db_, seq);
  if (covered.problem) return tampered(covered.problem->message);

  const std::string sql =
      fmt::format("SELECT {} FROM events WHERE seq IN (?, ?) ORDER BY seq", kEventColumns);
  Query rows = db_.query(sql.c_str(), seq - 1, seq);
  base::Digest previous;
  while (rows.step()) {
    const Event event = read_event(rows);
    if (event.seq == seq && audit::chain_hash(previous, event, covered.digest) == event.hash) {
      return {};
    }
    previous = event.hash;
  }
  return tampered(fmt::format("event {}, which recorded {} row {}, was changed", seq, table, id));
}

}  // namespace heirloom::registry

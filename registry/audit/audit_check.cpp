#include "registry/audit/audit_check.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "registry/audit/event_query.h"
#include "registry/audit/seals.h"
#include "registry/db/schema_check.h"

namespace heirloom::registry {
namespace {

// Generations and events of which one costs about as much as several rows.
constexpr std::int64_t kWide = 32;

std::vector<audit::RecordedRange> recorded_ranges(Database& db, std::int64_t seq, bool& in_order) {
  Query rows = db.query(
      "SELECT table_name, first_id, last_id, digest, ordinal FROM event_rows WHERE seq = ? "
      "ORDER BY ordinal",
      seq);
  std::vector<audit::RecordedRange> out;
  in_order = true;
  while (rows.step()) {
    in_order = in_order && rows.integer(4) == static_cast<std::int64_t>(out.size());
    out.push_back({{rows.text(0), rows.integer(1), rows.integer(2)}, rows.digest(3)});
  }
  return out;
}

AuditProblem differing(std::int64_t seq, const audit::RowRange& range) {
  return {seq, range.table, range.first_id,
          range.first_id == range.last_id
              ? fmt::format("{} row {} differs from what event {} recorded", range.table,
                            range.first_id, seq)
              : fmt::format("{} rows {} to {} differ from what event {} recorded", range.table,
                            range.first_id, range.last_id, seq)};
}

std::int64_t largest(Database& db, const std::string& column, std::string_view table) {
  Query row = db.query(fmt::format("SELECT coalesce(max({}), 0) FROM {}", column, table).c_str());
  row.step();
  return row.integer(0);
}

}  // namespace

void AuditCheck::broken(std::int64_t seq, std::string_view table, std::int64_t row,
                        std::string message) {
  report_.problem = AuditProblem{seq, std::string(table), row, std::move(message)};
}

// Damage that SQLite itself meets on the way is a finding like any other.
bool AuditCheck::step() {
  if (stage_ == Stage::done || report_.problem) return true;
  try {
    if (step_stage()) {
      stage_ = static_cast<Stage>(static_cast<int>(stage_) + 1);
      table_ = 0;
      after_ = 0;
    }
  } catch (const DatabaseFailure& failure) {
    broken(report_.events + 1, event_ && reader_ ? ranges_[range_].range.table : "events",
           report_.events + 1, failure.what());
  }
  return stage_ == Stage::done || report_.problem;
}

bool AuditCheck::step_stage() {
  switch (stage_) {
    case Stage::chain:
      return step_chain();
    case Stage::coverage:
      return step_coverage();
    case Stage::states:
      return step_states();
    case Stage::artifacts:
      return step_artifacts();
    case Stage::seals:
      return step_seals();
    case Stage::keys:
      return check_keys();
    case Stage::schema:
      return check_schema();
    case Stage::done:
      break;
  }
  return true;
}

bool AuditCheck::step_chain() {
  std::int64_t left = kPiece;
  while (left > 0 && !report_.problem) {
    if (!event_ && !begin_event()) return true;
    if (report_.problem) return false;
    left -= 8;  // an event without rows is not free
    while (range_ < ranges_.size() && left > 0) {
      const auto& [range, digest] = ranges_[range_];
      if (!reader_) reader_.emplace(db_, range);
      const std::int64_t before = reader_->rows();
      const bool whole = reader_->step(left);
      left -= reader_->rows() - before + 1;
      if (!whole) return false;
      report_.rows += reader_->rows();
      if (reader_->finish() != digest) {
        report_.problem = differing(event_->seq, range);
        return false;
      }
      reader_.reset();
      ++range_;
    }
    if (range_ == ranges_.size()) end_event();
  }
  return false;
}

// The next event of the chain with its ranges. False: there is none.
bool AuditCheck::begin_event() {
  Query row = db_.query(
      fmt::format("SELECT {} FROM events WHERE seq > ? ORDER BY seq LIMIT 1", kEventColumns)
          .c_str(),
      report_.events);
  if (!row.step()) return false;
  event_ = read_event(row);
  rows_digest_ = row.digest(kRowsDigestColumn);
  if (event_->seq != report_.events + 1) {
    broken(
        event_->seq, "events", event_->seq,
        fmt::format("event {} follows event {}: events are missing", event_->seq, report_.events));
    return true;
  }
  bool in_order = false;
  ranges_ = recorded_ranges(db_, event_->seq, in_order);
  range_ = 0;
  if (!in_order || audit::digest_of_ranges(ranges_) != rows_digest_) {
    broken(event_->seq, "events", event_->seq,
           fmt::format("the list of rows of event {} was changed", event_->seq));
  }
  for (const auto& [range, digest] : ranges_) {
    if (report_.problem || audit::find_covered_table(range.table) != nullptr) continue;
    report_.problem = differing(event_->seq, range);
  }
  return true;
}

bool AuditCheck::end_event() {
  if (audit::chain_hash(report_.head, *event_, rows_digest_) != event_->hash) {
    broken(event_->seq, "events", event_->seq,
           fmt::format("event {} was changed, or an event before it", event_->seq));
    return false;
  }
  report_.head = event_->hash;
  report_.events = event_->seq;
  event_.reset();
  return true;
}

// Rows between the recorded ranges of a table: added behind the chain's back.
bool AuditCheck::step_coverage() {
  const auto tables = audit::covered_tables();
  if (table_ == tables.size()) return true;
  const audit::CoveredTable& table = tables[table_];
  const auto first_between = [&](std::int64_t after, const std::optional<std::int64_t>& before) {
    Query row = db_.query(fmt::format("SELECT min({0}) FROM {1} WHERE {0} > ?1 AND "
                                      "(?2 IS NULL OR {0} < ?2)",
                                      table.key, table.name)
                              .c_str(),
                          after, before);
    row.step();
    return row.optional_integer(0);
  };
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
  {
    Query rows = db_.query(
        "SELECT first_id, last_id FROM event_rows WHERE table_name = ? AND first_id > ? "
        "ORDER BY first_id LIMIT ?",
        table.name, after_, kPiece / 4);
    while (rows.step()) ranges.emplace_back(rows.integer(0), rows.integer(1));
  }
  std::optional<std::int64_t> uncovered;
  if (after_ == 0) uncovered = first_between(std::numeric_limits<std::int64_t>::min(), 1);
  for (const auto& [first, last] : ranges) {
    if (!uncovered && first > after_ + 1) uncovered = first_between(after_, first);
    after_ = std::max(after_, last);
  }
  const bool more = static_cast<std::int64_t>(ranges.size()) == kPiece / 4;
  if (!uncovered && !more) uncovered = first_between(after_, std::nullopt);
  if (uncovered) {
    broken(0, table.name, *uncovered,
           fmt::format("{} row {} was recorded by no event", table.name, *uncovered));
    return false;
  }
  if (!more) {
    ++table_;
    after_ = 0;
  }
  return false;
}

bool AuditCheck::step_states() {
  report_.problem = check_states(db_, after_, after_ + kWide);
  after_ += kWide;
  return !report_.problem && after_ >= largest(db_, "id", "generations");
}

// The artifact is set by the move from training to certifying and by no other: an event that names
// another one recorded a row that somebody had edited.
bool AuditCheck::step_artifacts() {
  Query rows = db_.query(
      "SELECT e.seq, e.generation, e.model FROM events e WHERE e.seq > ?1 AND e.seq <= ?2 "
      "AND e.kind LIKE 'generation.%' "
      "AND json_extract(e.payload, '$.classifier_id') IS NOT NULL AND EXISTS ("
      "  SELECT 1 FROM events p WHERE p.seq = (SELECT max(seq) FROM events WHERE "
      "    model = e.model AND generation = e.generation AND kind = 'generation.certifying' "
      "    AND seq < e.seq) AND (e.kind <> 'generation.certifying' OR "
      "    json_extract(e.payload, '$.from') IS NOT 'training') AND ("
      "  json_extract(p.payload, '$.classifier_id') IS NOT "
      "    json_extract(e.payload, '$.classifier_id') OR "
      "  json_extract(p.payload, '$.model_sha256') IS NOT "
      "    json_extract(e.payload, '$.model_sha256'))) ORDER BY e.seq LIMIT 1",
      after_, after_ + kWide);
  if (rows.step()) {
    broken(rows.integer(0), "generations", rows.integer(1),
           fmt::format("event {} names another artifact for g{} of {} than was certified",
                       rows.integer(0), rows.integer(1), rows.text(2)));
    return false;
  }
  after_ += kWide;
  return after_ >= largest(db_, "seq", "events");
}

bool AuditCheck::step_seals() {
  const auto tables = sealed_tables();
  if (table_ == tables.size()) return true;
  const SealedTable& table = tables[table_];
  const std::int64_t after = after_ == 0 ? std::numeric_limits<std::int64_t>::min() : after_;
  if (const auto row = first_broken_seal(db_, table, after, after_ + kWide)) {
    broken(0, table.name, *row,
           fmt::format("{} row {} is not what heirloomd last wrote", table.name, *row));
    return false;
  }
  after_ += kWide;
  if (after_ >= last_sealed(db_, table)) {
    ++table_;
    after_ = 0;
  }
  return false;
}

// The secret keys are in no event; what the chain covers is the hash of each.
bool AuditCheck::check_keys() {
  Query rows = db_.query(
      "SELECT h.id, h.key_commitment, k.noise_key FROM holdouts h "
      "LEFT JOIN holdout_keys k ON k.holdout_id = h.id WHERE h.id > ? ORDER BY h.id LIMIT ?",
      after_, kWide);
  std::int64_t read = 0;
  while (rows.step()) {
    ++read;
    after_ = rows.integer(0);
    if (!rows.is_null(2) && base::sha256(rows.blob(2)) == rows.digest(1)) continue;
    broken(0, "holdout_keys", after_,
           fmt::format("the secret key of holdout row {} is not the one that was committed to",
                       after_));
    return false;
  }
  return read < kWide;
}

bool AuditCheck::check_schema() {
  if (const auto name = first_schema_difference(db_)) {
    broken(0, "sqlite_schema", 0,
           fmt::format("{} is not what this version of the schema has", *name));
  }
  return !report_.problem;
}

RowsOfEvent recompute_rows(Database& db, std::int64_t seq) {
  RowsOfEvent out;
  bool in_order = false;
  const auto ranges = recorded_ranges(db, seq, in_order);
  out.digest = audit::digest_of_ranges(ranges);
  for (const auto& [range, digest] : ranges) {
    RangeReader reader(db, range);
    while (!reader.step(AuditCheck::kPiece)) {
    }
    out.rows += reader.rows();
    if (!in_order || reader.finish() != digest) {
      out.problem = differing(seq, range);
      return out;
    }
  }
  return out;
}

// A generation's state, artifact and teacher may change, so no digest can cover them: instead they
// must be what the last event about that generation said.
std::optional<AuditProblem> check_states(Database& db, std::int64_t after, std::int64_t last) {
  Query rows = db.query(
      "SELECT g.id, g.number, m.name, e.seq FROM generations g JOIN models m ON m.id = g.model_id "
      "LEFT JOIN events e ON e.seq = (SELECT max(seq) FROM events WHERE model = m.name AND "
      "generation = g.number AND kind LIKE 'generation.%') "
      "WHERE g.id > ?1 AND g.id <= ?2 AND (e.seq IS NULL "
      "OR json_extract(e.payload, '$.state') IS NOT g.state "
      "OR json_extract(e.payload, '$.model_sha256') IS NOT nullif(lower(hex(g.model_sha256)), '') "
      "OR json_extract(e.payload, '$.classifier_id') IS NOT "
      "  nullif(lower(hex(g.classifier_id)), '') "
      "OR json_extract(e.payload, '$.kernel') IS NOT g.kernel "
      "OR json_extract(e.payload, '$.teacher') IS NOT "
      "  (SELECT 'g' || t.number FROM generations t WHERE t.id = g.teacher_id)) "
      "ORDER BY g.id LIMIT 1",
      after, last);
  if (!rows.step()) return std::nullopt;
  const std::int64_t seq = rows.optional_integer(3).value_or(0);
  return AuditProblem{seq, "generations", rows.integer(0),
                      fmt::format("g{} of {} is not in the state that event {} recorded",
                                  rows.integer(1), rows.text(2), seq)};
}

}  // namespace heirloom::registry

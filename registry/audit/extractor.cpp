#include "registry/audit/extractor.h"

#include <fmt/format.h>

#include "core/audit/covered_tables.h"
#include "registry/audit/event_query.h"

namespace heirloom::registry {
namespace {

audit::Value value_of(const Query& row, int column) {
  switch (row.storage_class(column)) {
    case 1:
      return row.integer(column);
    case 2:
      return row.real(column);
    case 3:
      return row.text(column);
    case 4:
      return audit::Blob{row.blob(column)};
    default:
      return std::monostate();
  }
}

std::vector<audit::Row> read_rows(Database& db, const audit::RowRange& range) {
  const audit::CoveredTable* table = audit::find_covered_table(range.table);
  if (table == nullptr) return {};
  Query found = db.query(fmt::format("SELECT {} FROM {} WHERE {} BETWEEN ? AND ? ORDER BY {}",
                                     table->columns, table->name, table->key, table->order)
                             .c_str(),
                         range.first_id, range.last_id);
  std::vector<audit::Row> out;
  while (found.step()) {
    audit::Row row;
    for (int column = 0; column < found.columns(); ++column) row.push_back(value_of(found, column));
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace

void Extractor::add(std::string_view table, std::int64_t key) {
  Query owner = db_.query(
      "SELECT seq, first_id, last_id FROM event_rows WHERE table_name = ? AND first_id <= ? "
      "ORDER BY first_id DESC LIMIT 1",
      table, key);
  if (!owner.step() || owner.integer(2) < key) return;
  wanted_[owner.integer(0)].emplace(std::string(table), owner.integer(1));
}

void Extractor::add_where(std::string_view table, std::string_view column, std::int64_t value) {
  const audit::CoveredTable* covered = audit::find_covered_table(table);
  if (covered == nullptr) return;
  std::vector<std::int64_t> keys;
  {
    Query found = db_.query(
        fmt::format("SELECT {} FROM {} WHERE {} = ? ORDER BY 1", covered->key, table, column)
            .c_str(),
        value);
    while (found.step()) keys.push_back(found.integer(0));
  }
  for (const std::int64_t key : keys) add(table, key);
}

void Extractor::add_events_about(std::string_view model, std::int64_t generation) {
  Query found =
      db_.query("SELECT seq FROM events WHERE model = ? AND generation = ?", model, generation);
  while (found.step()) wanted_[found.integer(0)];
}

std::vector<audit::EventRows> Extractor::events() {
  std::vector<audit::EventRows> out;
  for (const auto& [seq, wanted] : wanted_) {
    audit::EventRows next;
    Query rows = db_.query(
        fmt::format("SELECT {} FROM events WHERE seq IN (?, ?) ORDER BY seq", kEventColumns)
            .c_str(),
        seq - 1, seq);
    while (rows.step()) {
      audit::Event event = read_event(rows);
      if (event.seq == seq) {
        next.event = std::move(event);
      } else {
        next.previous = event.hash;
      }
    }
    Query ranges = db_.query(
        "SELECT table_name, first_id, last_id, digest FROM event_rows WHERE seq = ? "
        "ORDER BY ordinal",
        seq);
    while (ranges.step()) {
      const audit::RowRange range{ranges.text(0), ranges.integer(1), ranges.integer(2)};
      audit::RecordedRows recorded{{range, ranges.digest(3)}, std::nullopt};
      if (wanted.contains({range.table, range.first_id})) recorded.rows = read_rows(db_, range);
      next.ranges.push_back(std::move(recorded));
    }
    out.push_back(std::move(next));
  }
  return out;
}

std::vector<audit::Link> Extractor::links_after(std::int64_t seq, std::int64_t most) {
  Query rows = db_.query(
      fmt::format("SELECT {} FROM events WHERE seq > ? ORDER BY seq LIMIT ?", kEventColumns)
          .c_str(),
      seq, most + 1);
  std::vector<audit::Link> out;
  while (rows.step()) out.push_back({read_event(rows), rows.digest(kRowsDigestColumn)});
  if (static_cast<std::int64_t>(out.size()) > most) out.clear();
  return out;
}

}  // namespace heirloom::registry

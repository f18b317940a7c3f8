#include "registry/audit/range_reader.h"

#include <limits>

#include <fmt/format.h>

namespace heirloom::registry {
namespace {

const audit::CoveredTable& covered(const audit::RowRange& range) {
  const audit::CoveredTable* table = audit::find_covered_table(range.table);
  if (table == nullptr) {
    throw DatabaseFailure(fmt::format("registry: the chain does not cover {}", range.table));
  }
  return *table;
}

void encode_value(audit::RowEncoder& out, const Query& row, int column) {
  switch (row.storage_class(column)) {
    case 1:
      return out.integer(row.integer(column));
    case 2:
      return out.real(row.real(column));
    case 3:
      return out.text(row.text(column));
    case 4:
      return out.blob(row.blob(column));
    default:
      return out.null();
  }
}

}  // namespace

RangeReader::RangeReader(Database& db, audit::RowRange range)
    : db_(db),
      range_(std::move(range)),
      table_(covered(range_)),
      digester_(table_.name),
      key_(range_.first_id - 1),
      place_(std::numeric_limits<std::int64_t>::max()) {}

bool RangeReader::step(std::int64_t rows) {
  const bool by_place = table_.order != table_.key;
  const std::string after = by_place ? fmt::format("({}) > (?1, ?2)", table_.order)
                                     : fmt::format("{} > ?1 AND ?2 IS NOT NULL", table_.key);
  const std::string sql =
      fmt::format("SELECT {} FROM {} WHERE {} AND {} <= ?3 ORDER BY {} LIMIT ?4", table_.columns,
                  table_.name, after, table_.key, table_.order);
  Query found = db_.query(sql.c_str(), key_, place_, range_.last_id, rows);
  std::int64_t read = 0;
  while (found.step()) {
    audit::RowEncoder row;
    for (int column = 0; column < found.columns(); ++column) encode_value(row, found, column);
    digester_.add(row);
    key_ = found.integer(0);
    if (by_place) place_ = found.integer(1);
    ++read;
  }
  return read < rows;
}

}  // namespace heirloom::registry

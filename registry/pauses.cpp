#include "registry/pauses.h"

namespace heirloom::registry {

std::optional<PauseRow> Pauses::current(std::optional<std::int64_t> model_id) {
  Query row = db_.query(
      "SELECT paused, actor, reason, created_at FROM pauses WHERE model_id IS ? "
      "ORDER BY id DESC LIMIT 1",
      model_id);
  if (!row.step() || row.integer(0) == 0) return std::nullopt;
  return PauseRow{true, row.text(1), row.text(2), row.text(3)};
}

std::int64_t Pauses::add(Transaction& transaction, std::optional<std::int64_t> model_id,
                         const PauseRow& row, std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO pauses (model_id, paused, actor, reason, created_at) VALUES (?, ?, ?, ?, ?)",
      model_id, row.paused, row.actor, row.reason, row.created_at);
  rows.push_back({"pauses", id, id});
  return id;
}

}  // namespace heirloom::registry

#include "registry/unsealings.h"

namespace heirloom::registry {

std::optional<UnsealingRow> Unsealings::find(const std::vector<std::int64_t>& holdouts) {
  for (const std::int64_t holdout : holdouts) {
    Query row =
        db_.query("SELECT actor, reason, created_at FROM unsealings WHERE holdout_id = ?", holdout);
    if (row.step()) return UnsealingRow{row.text(0), row.text(1), row.text(2)};
  }
  return std::nullopt;
}

std::int64_t Unsealings::add(Transaction& transaction, std::int64_t holdout_id,
                             const UnsealingRow& row, std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO unsealings (holdout_id, actor, reason, created_at) VALUES (?, ?, ?, ?)",
      holdout_id, row.actor, row.reason, row.created_at);
  rows.push_back({"unsealings", id, id});
  return id;
}

bool Unsealings::sealed_on(const std::vector<std::int64_t>& holdouts) {
  for (const std::int64_t holdout : holdouts) {
    Query row = db_.query(
        "SELECT EXISTS (SELECT 1 FROM commitments c JOIN policy_options o "
        "ON o.policy_id = c.policy_id WHERE c.holdout_id = ? AND c.charged = 1 AND o.sealed = 1)",
        holdout);
    if (row.step() && row.integer(0) != 0) return true;
  }
  return false;
}

bool Unsealings::any_sealed() {
  Query row = db_.query("SELECT EXISTS (SELECT 1 FROM policy_options WHERE sealed = 1)");
  return row.step() && row.integer(0) != 0;
}

}  // namespace heirloom::registry

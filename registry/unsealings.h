// Which sealed holdouts were opened before their end, by whom and why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "registry/audit/covered_rows.h"
#include "registry/db/database.h"

namespace heirloom::registry {

struct UnsealingRow {
  std::string actor;
  std::string reason;
  std::string created_at;
};

class Unsealings {
 public:
  explicit Unsealings(Database& db) : db_(db) {}

  // Of the first of these holdouts that was opened.
  std::optional<UnsealingRow> find(const std::vector<std::int64_t>& holdouts);
  std::int64_t add(Transaction& transaction, std::int64_t holdout_id, const UnsealingRow& row,
                   std::vector<RowRange>& rows);
  // Whether a candidate was charged to any of these holdouts under a policy that seals.
  bool sealed_on(const std::vector<std::int64_t>& holdouts);
  // Whether any policy of the registry seals a holdout: where none does, nothing else is asked.
  bool any_sealed();

 private:
  Database& db_;
};

}  // namespace heirloom::registry

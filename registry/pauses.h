// Whether the daemon, or one model of it, is paused: by whom and why. A pause outlives a restart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "registry/audit/covered_rows.h"
#include "registry/db/database.h"

namespace heirloom::registry {

struct PauseRow {
  bool paused = false;
  std::string actor;
  std::string reason;
  std::string created_at;
};

class Pauses {
 public:
  explicit Pauses(Database& db) : db_(db) {}

  // The pause that is in force; of the whole daemon without a model.
  std::optional<PauseRow> current(std::optional<std::int64_t> model_id);
  std::int64_t add(Transaction& transaction, std::optional<std::int64_t> model_id,
                   const PauseRow& row, std::vector<RowRange>& rows);

 private:
  Database& db_;
};

}  // namespace heirloom::registry

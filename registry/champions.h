// Who was champion when and by which act, and which generations never are again. The champion of
// this moment and the making of one are in registry/evidence.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/evidence.h"

namespace heirloom::registry {

struct BarRow {
  std::int64_t id = 0;
  std::string actor;
  std::string reason;
  std::string created_at;
};

// What made a generation champion: its verdict, a person's approval, or a return to it.
enum class Act { verdict, approval, rollback };
std::string_view to_string(Act act);

class Champions {
 public:
  explicit Champions(Database& db) : db_(db) {}

  // At an instant (2026-11-24T09:30:00.000Z): since then or earlier, and the latest of those.
  std::optional<ChampionRow> at(std::int64_t model_id, std::string_view instant);
  // The one that a verdict at that instant on `generation_id` was compared with.
  std::optional<ChampionRow> before(std::int64_t model_id, std::int64_t generation_id,
                                    std::string_view instant);
  // The one that followed `row`; none: it still is champion.
  std::optional<ChampionRow> successor(std::int64_t model_id, const ChampionRow& row);
  // Ids > after, ascending.
  std::vector<ChampionRow> list(std::int64_t model_id, std::int64_t after, std::int64_t limit);
  bool was_champion(std::int64_t generation_id);
  Act act_of(const ChampionRow& row);

  std::optional<BarRow> bar_of(std::int64_t generation_id);
  std::int64_t add_bar(Transaction& transaction, std::int64_t generation_id, const BarRow& bar,
                       std::vector<RowRange>& rows);

 private:
  Database& db_;
};

}  // namespace heirloom::registry

#include "registry/champions.h"

#include <fmt/format.h>

namespace heirloom::registry {
namespace {

constexpr const char* kColumns = "SELECT id, generation_id, actor, reason, since FROM champions";
// Acts of the daemon itself carry this name; people's carry their uid.
constexpr std::string_view kDaemon = "heirloomd";

ChampionRow read_champion(const Query& row) {
  return {row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4)};
}

std::optional<ChampionRow> first_of(Query row) {
  if (!row.step()) return std::nullopt;
  return read_champion(row);
}

}  // namespace

std::string_view to_string(Act act) {
  switch (act) {
    case Act::verdict:
      return "verdict";
    case Act::approval:
      return "approval";
    case Act::rollback:
      return "rollback";
  }
  return "";
}

std::optional<ChampionRow> Champions::at(std::int64_t model_id, std::string_view instant) {
  return first_of(db_.query(
      fmt::format("{} WHERE model_id = ? AND since <= ? ORDER BY since DESC, id DESC LIMIT 1",
                  kColumns)
          .c_str(),
      model_id, instant));
}

std::optional<ChampionRow> Champions::before(std::int64_t model_id, std::int64_t generation_id,
                                             std::string_view instant) {
  return first_of(db_.query(fmt::format("{} WHERE model_id = ? AND generation_id <> ? AND since <= "
                                        "? ORDER BY since DESC, id DESC LIMIT 1",
                                        kColumns)
                                .c_str(),
                            model_id, generation_id, instant));
}

std::optional<ChampionRow> Champions::successor(std::int64_t model_id, const ChampionRow& row) {
  return first_of(db_.query(
      fmt::format("{} WHERE model_id = ? AND id > ? ORDER BY id LIMIT 1", kColumns).c_str(),
      model_id, row.id));
}

std::vector<ChampionRow> Champions::list(std::int64_t model_id, std::int64_t after,
                                         std::int64_t limit) {
  Query rows = db_.query(
      fmt::format("{} WHERE model_id = ? AND id > ? ORDER BY id LIMIT ?", kColumns).c_str(),
      model_id, after, limit);
  std::vector<ChampionRow> out;
  while (rows.step()) out.push_back(read_champion(rows));
  return out;
}

bool Champions::was_champion(std::int64_t generation_id) {
  return db_.query("SELECT 1 FROM champions WHERE generation_id = ? LIMIT 1", generation_id).step();
}

// A generation is promoted once, by its verdict or by a person; from then on only a rollback leads
// to it.
Act Champions::act_of(const ChampionRow& row) {
  Query earlier = db_.query("SELECT 1 FROM champions WHERE generation_id = ? AND id < ? LIMIT 1",
                            row.generation_id, row.id);
  if (earlier.step()) return Act::rollback;
  return row.actor == kDaemon ? Act::verdict : Act::approval;
}

std::optional<BarRow> Champions::bar_of(std::int64_t generation_id) {
  Query row = db_.query("SELECT id, actor, reason, created_at FROM bars WHERE generation_id = ?",
                        generation_id);
  if (!row.step()) return std::nullopt;
  return BarRow{row.integer(0), row.text(1), row.text(2), row.text(3)};
}

std::int64_t Champions::add_bar(Transaction& transaction, std::int64_t generation_id,
                                const BarRow& bar, std::vector<RowRange>& rows) {
  const std::int64_t id = transaction.db().insert(
      "INSERT INTO bars (generation_id, actor, reason, created_at) VALUES (?, ?, ?, ?)",
      generation_id, bar.actor, bar.reason, bar.created_at);
  rows.push_back({"bars", id, id});
  return id;
}

}  // namespace heirloom::registry

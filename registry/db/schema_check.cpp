#include "registry/db/schema_check.h"

#include <map>

namespace heirloom::registry {
namespace {

// What makes an entry of the schema, by its name: also the indexes that SQLite makes by itself, but
// not the statistics of its planner.
std::map<std::string, std::string> schema_of(Database& db) {
  Query rows = db.query(
      "SELECT name, type || ' on ' || tbl_name || ': ' || coalesce(sql, '') FROM sqlite_schema "
      "WHERE name NOT LIKE 'sqlite~_stat%' ESCAPE '~'");
  std::map<std::string, std::string> out;
  while (rows.step()) out[rows.text(0)] = rows.text(1);
  return out;
}

}  // namespace

std::optional<std::string> first_schema_difference(Database& db) {
  const auto ours = schema_of(*Database::in_memory());
  const auto theirs = schema_of(db);
  for (const auto& [name, text] : ours) {
    const auto found = theirs.find(name);
    if (found == theirs.end() || found->second != text) return name;
  }
  for (const auto& [name, text] : theirs) {
    if (!ours.contains(name)) return name;
  }
  return std::nullopt;
}

}  // namespace heirloom::registry

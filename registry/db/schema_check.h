// Whether the tables, indexes and triggers of a registry are those that the migrations make: a
// trigger that was dropped leaves a table open to edits.
#pragma once

#include <optional>
#include <string>

#include "registry/db/database.h"

namespace heirloom::registry {

// The name of a table, index or trigger that is missing, added or changed.
std::optional<std::string> first_schema_difference(Database& db);

}  // namespace heirloom::registry

// The handle within a Database, for the files of this folder alone.
#pragma once

#include "registry/db/database.h"

namespace SQLite {
class Database;
}

namespace heirloom::registry {

SQLite::Database& handle_of(Database& db);

}  // namespace heirloom::registry

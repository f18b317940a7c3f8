#include "registry/db/database.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "core/base/unique_fd.h"
#include "registry/db/migrations.h"

namespace heirloom::registry {
namespace {

using base::ErrorKind;

// "HLRM": marks our files, so that no other SQLite file is ever taken for a registry.
constexpr std::int64_t kApplicationId = 0x484c524d;

// Calls f and turns SQLite's exception into ours, with what was being done.
template <typename F>
auto guarded(std::string_view doing, F&& f) {
  try {
    return f();
  } catch (const SQLite::Exception& error) {
    throw DatabaseFailure(fmt::format("registry: {}: {} (SQLite {})", doing, error.what(),
                                      error.getExtendedErrorCode()));
  }
}

}  // namespace

struct Query::State {
  SQLite::Statement statement;
};

Query::Query(std::unique_ptr<State> state) : state_(std::move(state)) {}
Query::~Query() = default;
Query::Query(Query&&) noexcept = default;
Query& Query::operator=(Query&&) noexcept = default;

bool Query::step() {
  return guarded(state_->statement.getQuery(), [&] { return state_->statement.executeStep(); });
}

bool Query::is_null(int column) const {
  return state_->statement.getColumn(column).isNull();
}
std::int64_t Query::integer(int column) const {
  return state_->statement.getColumn(column).getInt64();
}
double Query::real(int column) const {
  return state_->statement.getColumn(column).getDouble();
}
std::string Query::text(int column) const {
  return state_->statement.getColumn(column).getString();
}

std::string Query::blob(int column) const {
  const SQLite::Column value = state_->statement.getColumn(column);
  const auto* data = static_cast<const char*>(value.getBlob());
  return data == nullptr ? std::string()
                         : std::string(data, static_cast<std::size_t>(value.size()));
}

base::Digest Query::digest(int column) const {
  const std::string bytes = blob(column);
  base::Digest out;
  if (bytes.size() != out.bytes.size()) {
    throw DatabaseFailure(fmt::format("registry: column {} of \"{}\" holds {} bytes, not a digest",
                                      column, state_->statement.getQuery(), bytes.size()));
  }
  std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  return out;
}

std::optional<std::int64_t> Query::optional_integer(int column) const {
  return is_null(column) ? std::nullopt : std::optional(integer(column));
}
std::optional<double> Query::optional_real(int column) const {
  return is_null(column) ? std::nullopt : std::optional(real(column));
}
std::optional<std::string> Query::optional_text(int column) const {
  return is_null(column) ? std::nullopt : std::optional(text(column));
}
std::optional<base::Digest> Query::optional_digest(int column) const {
  return is_null(column) ? std::nullopt : std::optional(digest(column));
}
int Query::columns() const {
  return state_->statement.getColumnCount();
}
int Query::storage_class(int column) const {
  return state_->statement.getColumn(column).getType();
}

void Query::bind(int index, std::int64_t value) {
  state_->statement.bind(index, value);
}
void Query::bind(int index, double value) {
  state_->statement.bind(index, value);
}
void Query::bind(int index, std::string_view value) {
  state_->statement.bind(index, std::string(value));
}
void Query::bind(int index, const base::Digest& value) {
  state_->statement.bind(index, value.bytes.data(), static_cast<int>(value.bytes.size()));
}
void Query::bind(int index, std::nullptr_t) {
  state_->statement.bind(index);
}

struct Database::State {
  SQLite::Database handle;
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::~Database() = default;

Query Database::prepare(const char* sql) {
  return guarded(sql, [&] {
    return Query(
        std::make_unique<Query::State>(Query::State{SQLite::Statement(state_->handle, sql)}));
  });
}

std::int64_t Database::changes() const {
  return state_->handle.getChanges();
}
std::int64_t Database::last_insert_id() const {
  return state_->handle.getLastInsertRowid();
}

std::string Database::integrity_check() {
  Query check = query("PRAGMA integrity_check(1)");
  return check.step() ? check.text(0) : "no answer";
}

namespace {

base::Result<void> check_identity(SQLite::Database& handle, const std::string& path) {
  const std::int64_t application = handle.execAndGet("PRAGMA application_id").getInt64();
  const std::int64_t version = handle.execAndGet("PRAGMA user_version").getInt64();
  const std::int64_t tables = handle.execAndGet("SELECT count(*) FROM sqlite_schema").getInt64();
  const bool fresh = application == 0 && version == 0 && tables == 0;
  if (!fresh && application != kApplicationId) {
    return base::fail(ErrorKind::conflict, fmt::format("{} is not a Heirloom registry", path),
                      "it was left untouched; choose another --state folder");
  }
  if (version > latest_schema_version()) {
    return base::fail(ErrorKind::conflict,
                      fmt::format("{} has schema version {}, this build knows up to {}", path,
                                  version, latest_schema_version()),
                      "it was left untouched; start the newer heirloomd");
  }
  return {};
}

// Settings of the connection. DEFENSIVE and trusted_schema=OFF: a crafted file must not run code
// of its own; mmap off and the rollback journal: Debian 12's SQLite has the WAL-reset bug.
void configure(SQLite::Database& handle) {
  sqlite3_db_config(handle.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  handle.exec("PRAGMA trusted_schema = OFF");
  handle.exec("PRAGMA cell_size_check = ON");
  handle.exec("PRAGMA foreign_keys = ON");
  handle.exec("PRAGMA mmap_size = 0");
  handle.exec("PRAGMA journal_mode = DELETE");
  handle.exec("PRAGMA synchronous = FULL");
}

void migrate(SQLite::Database& handle) {
  std::int64_t version = handle.execAndGet("PRAGMA user_version").getInt64();
  for (; version < latest_schema_version(); ++version) {
    SQLite::Transaction step(handle, SQLite::TransactionBehavior::IMMEDIATE);
    handle.exec(migration_sql(static_cast<int>(version) + 1));
    handle.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
    handle.exec(fmt::format("PRAGMA user_version = {}", version + 1));
    step.commit();
  }
}

}  // namespace

base::Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& path) {
  // Created here with mode 0600 and not by SQLite: the file holds the holdouts' secret keys.
  const base::UniqueFd created(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!created.valid()) return base::fail_errno("open", path.native(), errno);
  struct stat info {};
  if (::fstat(created.get(), &info) != 0) return base::fail_errno("stat", path.native(), errno);
  if (!S_ISREG(info.st_mode) || info.st_nlink > 1) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("{} is not a regular file with one name", path.native()));
  }
  try {
    auto state = std::make_unique<State>(
        State{SQLite::Database(path.native(), SQLite::OPEN_READWRITE, /*aBusyTimeoutMs=*/5000)});
    HEIRLOOM_TRY(check_identity(state->handle, path.native()));
    configure(state->handle);
    migrate(state->handle);
    return std::unique_ptr<Database>(new Database(std::move(state)));
  } catch (const SQLite::Exception& error) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("cannot open the registry {}: {}", path.native(), error.what()),
                      "restore it from a backup, or choose another --state folder");
  }
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const DatabaseFailure&) {
    // SQLite has rolled back by itself after the failure that brought us here.
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace heirloom::registry

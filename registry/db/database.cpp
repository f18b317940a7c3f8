#include "registry/db/database.h"

#include <unordered_map>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "core/audit/row_digest.h"
#include "core/base/unique_fd.h"
#include "registry/db/database_state.h"
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

// A statement goes back to its Database when the query is done: preparing one takes longer than
// most of them run.
struct Query::State {
  SQLite::Statement statement;
  Database::State* database;
};

struct Database::State {
  SQLite::Database handle;
  std::filesystem::path path;
  // Statements that wait to be used again, by their text.
  std::unordered_map<std::string, std::vector<std::unique_ptr<Query::State>>> idle;
  std::size_t idle_statements = 0;

  std::unique_ptr<Query::State> take(const std::string& sql) {
    const auto found = idle.find(sql);
    if (found == idle.end() || found->second.empty()) return nullptr;
    auto out = std::move(found->second.back());
    found->second.pop_back();
    --idle_statements;
    return out;
  }

  void give_back(std::unique_ptr<Query::State> state) {
    constexpr std::size_t kMostIdle = 256;
    state->statement.tryReset();
    if (idle_statements >= kMostIdle) return;
    state->statement.clearBindings();
    const std::string sql = state->statement.getQuery();
    idle[sql].push_back(std::move(state));
    ++idle_statements;
  }
};

Query::Query(std::unique_ptr<State> state) : state_(std::move(state)) {}

Query::~Query() {
  if (state_ == nullptr) return;
  Database::State* const database = state_->database;
  try {
    database->give_back(std::move(state_));
  } catch (const std::exception&) {
    // It is finalized instead; the next one is prepared anew.
  }
}

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

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}

Database::~Database() {
  state_->idle.clear();  // before the handle that they belong to
}

Query Database::prepare(const char* sql) {
  if (auto idle = state_->take(sql)) return Query(std::move(idle));
  return guarded(sql, [&] {
    return Query(std::make_unique<Query::State>(
        Query::State{SQLite::Statement(state_->handle, sql), state_.get()}));
  });
}

SQLite::Database& handle_of(Database& db) {
  return db.state_->handle;
}

const std::filesystem::path& Database::path() const {
  return state_->path;
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

audit::Value value_of(sqlite3_value* value) {
  const auto bytes = [&](const void* data) {
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
    return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
  };
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_value_int64(value)};
    case SQLITE_FLOAT:
      return sqlite3_value_double(value);
    case SQLITE_TEXT:
      return bytes(sqlite3_value_text(value));
    case SQLITE_BLOB:
      return audit::Blob{bytes(sqlite3_value_blob(value))};
    default:
      return std::monostate();
  }
}

// heirloom_digest(table, value, ...): SHA-256 of one row, by the encoding of the audit chain.
void digest_function(sqlite3_context* context, int count, sqlite3_value** values) {
  audit::RowEncoder row;
  for (int i = 0; i < count; ++i) row.value(value_of(values[i]));
  const base::Digest digest = base::sha256(row.encoded());
  sqlite3_result_blob(context, digest.bytes.data(), static_cast<int>(digest.bytes.size()),
                      SQLITE_TRANSIENT);
}

// For our own statements alone: no schema, not even a crafted one, may call it.
void add_digest_function(SQLite::Database& handle) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  sqlite3_create_function_v2(handle.getHandle(), "heirloom_digest", -1, kFlags, nullptr,
                             digest_function, nullptr, nullptr, nullptr);
}

// Settings of the connection. DEFENSIVE and trusted_schema=OFF: a crafted file must not run code
// of its own; mmap off and the rollback journal: Debian 12's SQLite has the WAL-reset bug.
void configure(SQLite::Database& handle) {
  sqlite3_db_config(handle.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  add_digest_function(handle);
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
        State{SQLite::Database(path.native(), SQLite::OPEN_READWRITE, /*aBusyTimeoutMs=*/5000),
              path,
              {},
              0});
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

std::unique_ptr<Database> Database::in_memory() {
  auto state = std::make_unique<State>(
      State{SQLite::Database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE), {}, {}, 0});
  guarded("make a schema", [&] {
    configure(state->handle);
    migrate(state->handle);
  });
  return std::unique_ptr<Database>(new Database(std::move(state)));
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

Reading::Reading(Database& database) : database_(database) {
  database_.execute("BEGIN");
}

Reading::~Reading() {
  try {
    database_.execute("COMMIT");
  } catch (const DatabaseFailure&) {
    // Nothing was written. Should the transaction still be open, the next one cannot begin, which
    // ends the process.
  }
}

}  // namespace heirloom::registry

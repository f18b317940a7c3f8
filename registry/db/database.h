// The registry's one SQLite connection: opened by the daemon only, in one
// process, rollback journal, synchronous=FULL.
//
// Expected failures (a foreign file, a newer schema) are Results. A failure of SQL itself (I/O
// error, full disk, broken constraint) is thrown as DatabaseFailure and ends the process: after a
// failed fsync nothing may be acknowledged, and a restart recovers from what is durable.
// All calls from one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/base/digest.h"
#include "core/base/result.h"

namespace SQLite {
class Database;
}

namespace heirloom::registry {

class DatabaseFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What a row says, read back: text that we wrote and cannot read means a damaged registry, not a
// user's mistake.
template <typename T>
T require(base::Result<T> parsed) {
  if (!parsed) throw DatabaseFailure("registry: " + parsed.error().text());
  return *std::move(parsed);
}

// A prepared statement with its parameters bound. Owned by the caller, used before the next
// commit, and never outlives its Database.
class Query {
 public:
  ~Query();
  Query(Query&&) noexcept;
  Query& operator=(Query&&) noexcept;

  bool step();  // true: there is a row to read

  // Columns of the current row, counted from 0.
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  std::string blob(int column) const;
  base::Digest digest(int column) const;  // a blob of 32 bytes
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<double> optional_real(int column) const;
  std::optional<std::string> optional_text(int column) const;
  std::optional<base::Digest> optional_digest(int column) const;
  int columns() const;
  // SQLite's storage class of a value: 1 integer, 2 float, 3 text, 4 blob, 5 null.
  int storage_class(int column) const;

 private:
  friend class Database;
  struct State;
  explicit Query(std::unique_ptr<State> state);

  void bind(int index, std::int64_t value);
  void bind(int index, double value);
  void bind(int index, std::string_view value);
  void bind(int index, const base::Digest& value);
  void bind(int index, std::nullptr_t);
  void bind(int index, int value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, bool value) { bind(index, static_cast<std::int64_t>(value ? 1 : 0)); }
  void bind(int index, std::uint64_t value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
  void bind(int index, const char* value) { bind(index, std::string_view(value)); }
  template <typename T>
  void bind(int index, const std::optional<T>& value) {
    if (value.has_value()) {
      bind(index, *value);
    } else {
      bind(index, nullptr);
    }
  }

  std::unique_ptr<State> state_;
};

class Database {
 public:
  // Opens or creates the file and brings its schema up to date. Refuses, without touching it, a
  // file of another application and one written by a newer version.
  static base::Result<std::unique_ptr<Database>> open(const std::filesystem::path& path);
  // An empty one with today's schema, in memory: what a file is compared with.
  static std::unique_ptr<Database> in_memory();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  template <typename... Args>
  Query query(const char* sql, const Args&... args) {
    Query query = prepare(sql);
    int index = 0;
    (query.bind(++index, args), ...);
    return query;
  }

  // Runs a statement that returns no rows; the number of rows it changed.
  template <typename... Args>
  std::int64_t execute(const char* sql, const Args&... args) {
    Query statement = query(sql, args...);
    statement.step();
    return changes();
  }

  // The same for INSERT; the new row's id.
  template <typename... Args>
  std::int64_t insert(const char* sql, const Args&... args) {
    execute(sql, args...);
    return last_insert_id();
  }

  std::string integrity_check();  // "ok", or SQLite's words; as long as it takes
  const std::filesystem::path& path() const;

 private:
  friend class Query;
  friend class Transaction;
  friend SQLite::Database& handle_of(Database& db);
  struct State;
  explicit Database(std::unique_ptr<State> state);
  Query prepare(const char* sql);
  std::int64_t changes() const;
  std::int64_t last_insert_id() const;

  std::unique_ptr<State> state_;
};

// BEGIN IMMEDIATE in the constructor, ROLLBACK in the destructor unless commit() ran. Functions
// that write take a Transaction&, so that no write happens outside one.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();
  Database& db() { return database_; }

 private:
  Database& database_;
  bool open_ = true;
};

// A read transaction: what is read while it lives is of one moment. Many short questions cost less
// in it, since each by itself would lock the file and look for a journal. No Transaction may begin
// meanwhile.
class Reading {
 public:
  explicit Reading(Database& database);
  ~Reading();
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  Database& database_;
};

}  // namespace heirloom::registry

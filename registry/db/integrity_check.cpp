#include "registry/db/integrity_check.h"

#include <atomic>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "core/base/unique_fd.h"
#include "registry/db/database_state.h"

namespace heirloom::registry {

struct IntegrityCheck::State {
  std::filesystem::path path;
  std::mutex mutex;  // for `copy`, once there is a thread
  std::optional<SQLite::Database> copy;
  std::optional<SQLite::Backup> backup;
  std::jthread thread;
  std::atomic<bool> done{false};
  std::string result;  // written by the thread before `done`
};

IntegrityCheck::IntegrityCheck(std::unique_ptr<State> state) : state_(std::move(state)) {}

IntegrityCheck::~IntegrityCheck() {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->copy) sqlite3_interrupt(state_->copy->getHandle());
  }
  if (state_->thread.joinable()) state_->thread.join();
  state_->backup.reset();
  state_->copy.reset();
  std::error_code ignored;
  std::filesystem::remove(state_->path, ignored);
}

base::Result<std::unique_ptr<IntegrityCheck>> IntegrityCheck::start(
    Database& db, const std::filesystem::path& copy) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(db.path(), error);
  const auto space = std::filesystem::space(copy.parent_path(), error);
  if (error || space.available < bytes + bytes / 4) {
    return base::fail(base::ErrorKind::io,
                      fmt::format("no room for a copy of {} bytes beside the registry", bytes));
  }
  std::filesystem::remove(copy, error);
  const base::UniqueFd created(
      ::open(copy.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!created.valid()) return base::fail_errno("create", copy.native(), errno);
  auto state = std::make_unique<State>();
  state->path = copy;
  try {
    state->copy.emplace(copy.native(), SQLite::OPEN_READWRITE);
    // Nothing of the copy must survive a power cut.
    state->copy->exec("PRAGMA journal_mode = OFF");
    state->copy->exec("PRAGMA synchronous = OFF");
    state->backup.emplace(*state->copy, handle_of(db));
  } catch (const SQLite::Exception& failure) {
    return base::fail(base::ErrorKind::io, fmt::format("{}: {}", copy.native(), failure.what()));
  }
  return std::unique_ptr<IntegrityCheck>(new IntegrityCheck(std::move(state)));
}

bool IntegrityCheck::step() {
  State& state = *state_;
  if (state.done) return true;
  if (!state.backup) return false;  // the thread is at work
  try {
    if (state.backup->executeStep(kPages) != SQLITE_DONE) return false;
    state.backup.reset();
  } catch (const SQLite::Exception& failure) {
    state.result = failure.what();
    state.backup.reset();
    state.done = true;
    return true;
  }
  state.thread = std::jthread([&state] {
    try {
      state.result = state.copy->execAndGet("PRAGMA integrity_check(1)").getString();
    } catch (const SQLite::Exception& failure) {
      state.result = failure.what();
    }
    {
      const std::lock_guard lock(state.mutex);
      state.copy.reset();
    }
    // Here, since it takes long for a large file.
    std::error_code ignored;
    std::filesystem::remove(state.path, ignored);
    state.done = true;
  });
  return false;
}

bool IntegrityCheck::copying() const {
  return state_->backup.has_value();
}

const std::string& IntegrityCheck::result() const {
  return state_->result;
}

}  // namespace heirloom::registry

// The daemon's state folder: its layout, and the lock that keeps a second daemon out of it.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace heirloom::daemon {

class StateFolder {
 public:
  // Creates what is missing and takes the lock. A folder that another heirloomd holds is a
  // conflict that names its process.
  static base::Result<StateFolder> open(const std::filesystem::path& root);

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path socket() const { return root_ / "heirloom.sock"; }
  std::filesystem::path inbox() const { return root_ / "inbox"; }
  std::filesystem::path accepted() const { return inbox() / "accepted"; }
  std::filesystem::path refused() const { return inbox() / "refused"; }
  std::filesystem::path jobs() const { return root_ / "jobs"; }
  std::filesystem::path job(std::int64_t id) const { return jobs() / std::to_string(id); }
  std::filesystem::path predictions() const { return root_ / "predictions"; }
  std::filesystem::path models() const { return root_ / "models"; }

 private:
  StateFolder(std::filesystem::path root, base::UniqueFd lock)
      : root_(std::move(root)), lock_(std::move(lock)) {}

  std::filesystem::path root_;
  // flock is held while this is open; the file itself is never deleted (that would be a race).
  base::UniqueFd lock_;
};

}  // namespace heirloom::daemon

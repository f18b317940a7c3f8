// SQLite's integrity_check of a registry without holding it: the pages are copied in pieces, as
// they are, and a thread of its own checks the copy.
//
// Owned by one thread, which steps it; transactions may come between two steps. The registry must
// outlive it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "registry/db/database.h"

namespace heirloom::registry {

class IntegrityCheck {
 public:
  // `copy`: where the copy may lie for the time being; a file there is replaced. Readable by its
  // owner only, since it holds the holdouts' keys. Refused when there is no room for it.
  static base::Result<std::unique_ptr<IntegrityCheck>> start(Database& db,
                                                             const std::filesystem::path& copy);
  // Ends the thread and removes the copy.
  ~IntegrityCheck();
  IntegrityCheck(const IntegrityCheck&) = delete;
  IntegrityCheck& operator=(const IntegrityCheck&) = delete;

  // Copies some pages, or looks whether the thread is done. True at the end.
  static constexpr int kPages = 64;
  bool step();
  bool copying() const;
  // "ok", or SQLite's words; after step() was true.
  const std::string& result() const;

 private:
  struct State;
  explicit IntegrityCheck(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace heirloom::registry

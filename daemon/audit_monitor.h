// Audits the registry while the loop has nothing better to do: the chain's tail at start, then all
// of it and SQLite's own integrity check in pieces. What it found is sticky until a later check
// finds the registry intact.
//
// Used on the loop thread only.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "core/base/result.h"
#include "registry/db/integrity_check.h"
#include "registry/registry.h"

namespace heirloom::daemon {

class AuditMonitor {
 public:
  // `copy`: where the integrity check may put a copy for the time being. `wake`: there is work.
  AuditMonitor(registry::Registry& registry, std::filesystem::path copy,
               std::function<void()> wake);

  // Starts a check. One that a person asked for is not started anew by another.
  void begin(bool asked);
  bool asked() const { return asked_; }

  // A piece of the check, well below a millisecond.
  enum class Step { more, wait, done };  // wait: a thread works
  Step step();

  // Set while the registry is known to be damaged or forged.
  std::optional<base::Error> problem() const;
  // docs/api.md, audit verify.
  nlohmann::json view() const;

 private:
  Step finish();

  registry::Registry& registry_;
  const std::filesystem::path copy_;
  const std::function<void()> wake_;

  std::optional<registry::AuditCheck> check_;
  std::unique_ptr<registry::IntegrityCheck> integrity_check_;
  bool asked_ = false;
  std::string started_at_;
  // Of the last check that ended, or of the start.
  registry::AuditReport last_;
  std::string integrity_;  // "ok" or what SQLite said; empty while unknown
  std::string checked_at_;
};

}  // namespace heirloom::daemon

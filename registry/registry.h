// The registry: one SQLite file and the artifacts it names. Owned by the daemon; one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "registry/artifact_store.h"
#include "registry/audit/audit_log.h"
#include "registry/catalog.h"
#include "registry/champions.h"
#include "registry/db/database.h"
#include "registry/drifts.h"
#include "registry/evidence.h"
#include "registry/generations.h"
#include "registry/models.h"
#include "registry/pauses.h"
#include "registry/signatures.h"
#include "registry/unsealings.h"

namespace heirloom::registry {

class Registry {
 public:
  // Opens STATE/registry.db and STATE/artifacts, and begins a new epoch: results of jobs that an
  // earlier life of the daemon launched are told apart by it. `clock` outlives the registry.
  static base::Result<std::unique_ptr<Registry>> open(const std::filesystem::path& state_folder,
                                                      const base::Clock& clock);

  std::int64_t epoch() const { return epoch_; }
  std::string now() const { return base::to_iso8601(clock_.wall()); }

  // The holdout index of the first example of a certificate whose row is not what the certificate's
  // artifact says; nothing when they agree or the artifact is gone.
  std::optional<std::uint32_t> first_damaged_example(std::int64_t certificate_id);

 private:
  Registry(std::unique_ptr<Database> database, const std::filesystem::path& state_folder,
           const base::Clock& clock);

  const base::Clock& clock_;
  std::unique_ptr<Database> database_;
  std::int64_t epoch_ = 0;

 public:
  // Views on the one connection.
  Database& db;
  Models models;
  Catalog catalog;
  Signatures signatures;
  Generations generations;
  Evidence evidence;
  Champions champions;
  Unsealings unsealings;
  Drifts drifts;
  Pauses pauses;
  AuditLog audit;
  ArtifactStore artifacts;
};

}  // namespace heirloom::registry

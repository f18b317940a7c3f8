// Finds artifacts that nothing names: left behind by a crash between the file and its row.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/base/result.h"
#include "registry/artifact_store.h"
#include "registry/db/database.h"

namespace heirloom::registry {

struct Litter {
  std::filesystem::path path;
  std::uint64_t bytes = 0;
};

// Files of the store that no row names and that were last written before `before`, by path; also
// what an interrupted write left. Nothing is removed.
base::Result<std::vector<Litter>> find_litter(Database& db, const ArtifactStore& store,
                                              std::filesystem::file_time_type before);

}  // namespace heirloom::registry

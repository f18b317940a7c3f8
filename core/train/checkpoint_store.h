// Checkpoints of one job on disk: the last two are kept, and a damaged one is passed over.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/digest.h"
#include "core/base/result.h"

namespace heirloom::train {

struct Checkpoint {
  std::int64_t step = 0;  // steps taken, undone ones included: the order of checkpoints
  std::chrono::milliseconds worked{0};  // over all attempts, up to this checkpoint
  std::string state;
};

// File form: a line "heirloom-checkpoint 2 STEP MILLISECONDS FINGERPRINT DIGEST", then the state.
// DIGEST covers the fields before it and the state, so no damaged byte reaches LibTorch.
// Not thread-safe; one process at a time uses the folder.
class CheckpointStore {
 public:
  // `fingerprint` is a digest of everything that the state depends on: checkpoints of another job
  // are not read. The folder exists.
  CheckpointStore(std::filesystem::path folder, const base::Digest& fingerprint);

  // Durable when it returns. On an error the older checkpoints are still there.
  base::Result<void> save(const Checkpoint& checkpoint);

  // The newest whole checkpoint of this job, if there is one. `skipped` is told, in words, of each
  // newer file that was passed over.
  std::optional<Checkpoint> load_newest(const std::function<void(std::string)>& skipped) const;

 private:
  base::Result<Checkpoint> load(const std::filesystem::path& path) const;

  std::filesystem::path folder_;
  base::Digest fingerprint_;
};

}  // namespace heirloom::train

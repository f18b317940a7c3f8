// Folders of pictures, CLASS/NAME.png, .jpg or .jpeg: the label is the place of the sub-folder's
// name among all of them in byte order. docs/data.md says what is refused.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/dataset.h"
#include "core/data/manifest.h"
#include "core/jobs/model_spec.h"

namespace heirloom::data {

struct PictureList {
  std::vector<std::string> classes;  // in byte order
  std::vector<ManifestEntry>
      entries;  // sorted as a manifest is; bytes and hashes are not known yet
};

// Errors name what is in the way: not_found, usage (no folder), bad_data (another number of classes
// than the model's, a class without pictures, anything that is no picture by its name).
base::Result<PictureList> list_pictures(const std::filesystem::path& folder, std::int64_t classes);

// Reads and hashes every file on `threads` threads. A picture must have exactly the model's shape,
// grey or colour too. Error (bad_data): the first file in order that is wrong, whatever the
// threads.
base::Result<Dataset> read_pictures(const std::filesystem::path& folder, PictureList& list,
                                    const jobs::InputShape& shape, int threads);

// The same for files that were registered: one that is gone or has changed is an error (bad_data).
// Files that are not in `entries` are not looked at.
base::Result<Dataset> reread_pictures(const std::filesystem::path& folder,
                                      const std::vector<ManifestEntry>& entries,
                                      const jobs::InputShape& shape, std::int64_t classes,
                                      int threads);

}  // namespace heirloom::data

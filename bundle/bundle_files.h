// A bundle as files: bundle.json, artifacts/HEX (each named by its SHA-256) and, where it was taken
// along, model.pt. In a folder, or in a tar file of such a folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "bundle/bundle.h"
#include "core/base/result.h"

namespace heirloom::bundle {

struct BundleFiles {
  Bundle bundle;
  std::optional<std::string> model;  // the bytes of model.pt
};

// Into a folder that does not exist yet or is empty.
base::Result<void> write_bundle(const std::filesystem::path& folder, const BundleFiles& files);

// From a folder or an uncompressed tar file. Files of other names are passed over.
base::Result<BundleFiles> read_bundle(const std::filesystem::path& path);

}  // namespace heirloom::bundle

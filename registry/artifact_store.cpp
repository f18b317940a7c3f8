#include "registry/artifact_store.h"

#include <system_error>

#include "core/base/files.h"

namespace heirloom::registry {
namespace {

constexpr unsigned kReadOnly = 0444;

// Creates the folders down to `folder` and makes their names durable.
base::Result<void> make_folders(const std::filesystem::path& folder) {
  if (std::filesystem::is_directory(folder)) return {};
  HEIRLOOM_TRY(make_folders(folder.parent_path()));
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  if (error) return base::fail_errno("create", folder.native(), error.value());
  return base::fsync_folder(folder.parent_path());
}

}  // namespace

std::filesystem::path ArtifactStore::path(const base::Digest& digest) const {
  const std::string hex = digest.hex();
  return root_ / "sha256" / hex.substr(0, 2) / hex.substr(2);
}

base::Result<base::Digest> ArtifactStore::put(std::string_view bytes) {
  if (bytes.size() > kMaxBytes) {
    return base::fail(base::ErrorKind::bad_data, "an artifact of more than 4 GiB");
  }
  const base::Digest digest = base::sha256(bytes);
  const std::filesystem::path target = path(digest);
  if (std::filesystem::exists(target) && get(digest).has_value()) return digest;
  HEIRLOOM_TRY(make_folders(target.parent_path()));
  HEIRLOOM_TRY(base::write_file_atomically(target, bytes, kReadOnly));
  return digest;
}

base::Result<void> ArtifactStore::import(const std::filesystem::path& file,
                                         const base::Digest& expected) {
  HEIRLOOM_ASSIGN(const std::string bytes, base::read_verified(file, kMaxBytes, expected));
  HEIRLOOM_TRY(put(bytes));
  return {};
}

base::Result<std::string> ArtifactStore::get(const base::Digest& digest) const {
  return base::read_verified(path(digest), kMaxBytes, digest);
}

}  // namespace heirloom::registry

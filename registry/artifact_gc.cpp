#include "registry/artifact_gc.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <system_error>

#include "core/jobs/data_part.h"

namespace heirloom::registry {
namespace {

// Every column that names an artifact.
constexpr std::array kNames = {
    "SELECT example_digests FROM holdouts",
    "SELECT train_images FROM snapshots",
    "SELECT holdout_images FROM snapshots WHERE holdout_images IS NOT NULL",
    "SELECT model_sha256 FROM generations WHERE model_sha256 IS NOT NULL",
    "SELECT model_sha256 FROM certificates",
    "SELECT counts FROM certificates",
    "SELECT log FROM certificates",
    "SELECT attack_rows FROM falsifications",
    "SELECT sha256 FROM version_files",
    "SELECT envelope FROM registration_signatures",
    "SELECT sha256 FROM trained_weights",
    "SELECT outputs FROM drift_reports WHERE outputs IS NOT NULL",
    "SELECT reference_outputs FROM drift_reports WHERE reference_outputs IS NOT NULL",
};

std::vector<base::Digest> named_artifacts(Database& db) {
  std::vector<base::Digest> out;
  for (const char* sql : kNames) {
    Query rows = db.query(sql);
    while (rows.step()) out.push_back(rows.digest(0));
  }
  // The manifest of a folder of pictures is named inside its part.
  Query parts = db.query(
      "SELECT train FROM snapshots UNION ALL SELECT holdout FROM snapshots WHERE holdout IS NOT "
      "NULL");
  while (parts.step()) {
    const jobs::DataPart part = require(jobs::data_part_from_json(parts.text(0)));
    if (part.folder) out.push_back(part.folder->manifest.sha256);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// artifacts/sha256/ab/cdef... -> abcdef...; nothing for a file that is no artifact.
std::optional<base::Digest> digest_of(const std::filesystem::path& path) {
  const std::string hex = path.parent_path().filename().native() + path.filename().native();
  const auto digest = base::Digest::from_hex(hex);
  return digest ? std::optional(*digest) : std::nullopt;
}

}  // namespace

base::Result<std::vector<Litter>> find_litter(Database& db, const ArtifactStore& store,
                                              std::filesystem::file_time_type before) {
  const std::vector<base::Digest> named = named_artifacts(db);
  std::vector<Litter> out;
  std::error_code error;
  std::filesystem::recursive_directory_iterator files(store.root(), error);
  for (; !error && files != std::filesystem::recursive_directory_iterator();
       files.increment(error)) {
    std::error_code ignored;
    if (!files->is_regular_file(ignored) || files->is_symlink(ignored)) continue;
    if (files->last_write_time(ignored) >= before || ignored) continue;
    const auto digest = digest_of(files->path());
    if (digest && std::binary_search(named.begin(), named.end(), *digest)) continue;
    out.push_back({files->path(), files->file_size(ignored)});
  }
  if (error) return base::fail_errno("read", store.root().native(), error.value());
  std::sort(out.begin(), out.end(),
            [](const Litter& a, const Litter& b) { return a.path < b.path; });
  return out;
}

}  // namespace heirloom::registry

#include "core/train/checkpoint_store.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "core/base/files.h"

namespace heirloom::train {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kMagic = "heirloom-checkpoint";
constexpr int kFormat = 2;  // 2: with the weight average and the way back from a divergence
constexpr std::size_t kKept = 2;
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 33;
constexpr std::string_view kPrefix = "step-";
constexpr std::string_view kSuffix = ".checkpoint";

// Newest first: the step is written with leading zeros, so names sort as steps do.
std::vector<fs::path> checkpoints_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().native();
    if (name.starts_with(kPrefix) && name.ends_with(kSuffix)) found.push_back(it->path());
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

base::Digest digest_of(const Checkpoint& checkpoint, const base::Digest& fingerprint) {
  base::FieldEncoder fields;
  fields.text(kMagic)
      .integer(kFormat)
      .integer(checkpoint.step)
      .integer(checkpoint.worked.count())
      .digest(fingerprint)
      .text(checkpoint.state);
  return fields.sha256();
}

}  // namespace

CheckpointStore::CheckpointStore(fs::path folder, const base::Digest& fingerprint)
    : folder_(std::move(folder)), fingerprint_(fingerprint) {}

Result<void> CheckpointStore::save(const Checkpoint& checkpoint) {
  std::string bytes = fmt::format("{} {} {} {} {} {}\n", kMagic, kFormat, checkpoint.step,
                                  checkpoint.worked.count(), fingerprint_.hex(),
                                  digest_of(checkpoint, fingerprint_).hex());
  bytes += checkpoint.state;
  const fs::path saved = folder_ / fmt::format("{}{:012}{}", kPrefix, checkpoint.step, kSuffix);
  HEIRLOOM_TRY(base::write_file_atomically(saved, bytes));
  std::size_t kept = 0;
  for (const fs::path& path : checkpoints_in(folder_)) {
    // A later step than this was passed over when the job started: it must not push this one out.
    if (path <= saved && kept++ < kKept) continue;
    std::error_code ignored;  // one too many is no harm; the next save tries again
    fs::remove(path, ignored);
  }
  return {};
}

Result<Checkpoint> CheckpointStore::load(const fs::path& path) const {
  HEIRLOOM_ASSIGN(const std::string bytes, base::read_file(path, kMaxBytes));
  const std::size_t end = bytes.find('\n');
  std::istringstream header(bytes.substr(0, end == std::string::npos ? 0 : end));
  std::string magic;
  std::string fingerprint;
  std::string digest;
  int format = 0;
  std::int64_t worked = 0;
  Checkpoint checkpoint;
  header >> magic >> format >> checkpoint.step >> worked >> fingerprint >> digest;
  if (!header || magic != kMagic || format != kFormat) {
    return base::fail(ErrorKind::bad_data, fmt::format("{} is no checkpoint", path.native()));
  }
  if (fingerprint != fingerprint_.hex()) {
    return base::fail(ErrorKind::conflict, fmt::format("{} belongs to another job", path.native()));
  }
  checkpoint.worked = std::chrono::milliseconds(worked);
  checkpoint.state = bytes.substr(end + 1);
  if (digest != digest_of(checkpoint, fingerprint_).hex()) {
    return base::fail(ErrorKind::bad_data, fmt::format("{} is damaged", path.native()));
  }
  return checkpoint;
}

std::optional<Checkpoint> CheckpointStore::load_newest(
    const std::function<void(std::string)>& skipped) const {
  for (const fs::path& path : checkpoints_in(folder_)) {
    auto checkpoint = load(path);
    if (checkpoint) return *std::move(checkpoint);
    if (skipped) skipped(checkpoint.error().text());
  }
  return std::nullopt;
}

}  // namespace heirloom::train

#include "core/smooth/counts_progress.h"

#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <fmt/format.h>

#include "core/base/files.h"

namespace heirloom::smooth {
namespace {

constexpr std::uint64_t kMaxProgressBytes = std::uint64_t{1} << 33;
constexpr std::size_t kChecksumDigits = 16;
constexpr std::chrono::seconds kSyncInterval{1};

}  // namespace

std::string CountsProgress::checksum(std::string_view line) const {
  base::FieldEncoder fields;
  fields.text("heirloom/counts-progress/v1").digest(fingerprint_).text(line);
  return fields.sha256().hex().substr(0, kChecksumDigits);
}

bool CountsProgress::take_line(std::string_view line, std::uint32_t expected_index) {
  const std::size_t last_tab = line.rfind('\t');
  if (last_tab == std::string_view::npos || last_tab == 0) return false;
  const std::string_view content = line.substr(0, last_tab);
  if (line.substr(last_tab + 1) != checksum(content)) return false;
  const std::size_t tab = content.rfind('\t');
  if (tab == std::string_view::npos) return false;
  const std::string_view time = content.substr(tab + 1);
  std::int64_t worked = 0;
  const auto [rest, error] = std::from_chars(time.data(), time.data() + time.size(), worked);
  if (error != std::errc() || rest != time.data() + time.size()) return false;
  auto row = certificate::counts_from_row(content.substr(0, tab));
  if (!row || row->index != expected_index) return false;
  rows_.push_back(*std::move(row));
  worked_ = std::chrono::milliseconds(worked);
  return true;
}

base::Result<CountsProgress> CountsProgress::open(const std::filesystem::path& path,
                                                  const base::Digest& fingerprint,
                                                  const std::vector<std::uint32_t>& examples) {
  CountsProgress progress(path, fingerprint);
  progress.fd_.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  if (!progress.fd_.valid()) return base::fail_errno("open", path.native(), errno);
  HEIRLOOM_ASSIGN(const std::string text, base::read_file(path, kMaxProgressBytes));
  std::size_t kept = 0;
  while (progress.rows_.size() < examples.size()) {
    const std::size_t end = text.find('\n', kept);
    if (end == std::string::npos) break;
    const std::string_view line = std::string_view(text).substr(kept, end - kept);
    if (!progress.take_line(line, examples[progress.rows_.size()])) break;
    kept = end + 1;
  }
  if (::ftruncate(progress.fd_.get(), static_cast<off_t>(kept)) != 0 ||
      ::lseek(progress.fd_.get(), 0, SEEK_END) < 0) {
    return base::fail_errno("truncate", path.native(), errno);
  }
  return progress;
}

base::Result<void> CountsProgress::append(const certificate::ExampleCounts& row,
                                          std::chrono::milliseconds worked) {
  std::string line = certificate::counts_row(row);
  line.back() = '\t';  // in place of the newline
  line += std::to_string(worked.count());
  line += '\t' + checksum(line) + '\n';
  HEIRLOOM_TRY(base::write_all(fd_, line, path_.native()));
  rows_.push_back(row);
  worked_ = worked;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_sync_ < kSyncInterval) return {};
  last_sync_ = now;
  return sync();
}

base::Result<void> CountsProgress::sync() {
  if (::fdatasync(fd_.get()) != 0) return base::fail_errno("fsync", path_.native(), errno);
  return {};
}

}  // namespace heirloom::smooth

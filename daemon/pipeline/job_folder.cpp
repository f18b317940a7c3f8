#include "daemon/pipeline/job_folder.h"

#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "core/base/files.h"

namespace heirloom::daemon {
namespace {

constexpr std::uint64_t kMaxResultBytes = std::uint64_t{16} << 20;
constexpr std::size_t kTailBytes = 4096;
constexpr unsigned kSecret = 0600;

}  // namespace

base::Result<void> prepare_job_folder(const std::filesystem::path& folder, const jobs::Job& job) {
  std::error_code error;
  for (const auto& path :
       {folder, folder / jobs::kOutputFolder, folder / jobs::kCheckpointFolder}) {
    std::filesystem::create_directories(path, error);
    if (error) return base::fail_errno("create", path.native(), error.value());
  }
  for (const std::string_view stale : {jobs::kResultFile, jobs::kEventsFile}) {
    std::filesystem::remove(folder / stale, error);
    if (error) return base::fail_errno("remove", (folder / stale).native(), error.value());
  }
  std::filesystem::remove(folder / "stderr.log", error);
  return base::write_file_atomically(folder / jobs::kJobFile, jobs::to_json(job), kSecret);
}

base::Result<jobs::JobResult> read_result(const std::filesystem::path& folder, std::int64_t job_id,
                                          std::int64_t attempt, std::int64_t epoch) {
  HEIRLOOM_ASSIGN(const std::string text,
                  base::read_file(folder / jobs::kResultFile, kMaxResultBytes));
  HEIRLOOM_ASSIGN(jobs::JobResult result, jobs::result_from_json(text));
  if (result.job_id != job_id || result.attempt != attempt || result.epoch != epoch) {
    return base::fail(base::ErrorKind::conflict,
                      fmt::format("the result in {} is of job {} attempt {} epoch {}, not of job "
                                  "{} attempt {} epoch {}",
                                  folder.native(), result.job_id, result.attempt, result.epoch,
                                  job_id, attempt, epoch));
  }
  return result;
}

std::string stderr_tail(const std::filesystem::path& folder) {
  std::ifstream file(folder / "stderr.log", std::ios::binary | std::ios::ate);
  if (!file) return {};
  const auto size = static_cast<std::size_t>(file.tellg());
  const std::size_t wanted = std::min(size, kTailBytes);
  file.seekg(static_cast<std::streamoff>(size - wanted));
  std::string tail(wanted, '\0');
  file.read(tail.data(), static_cast<std::streamsize>(wanted));
  return tail;
}

void remove_job_folder(const std::filesystem::path& folder) {
  // A folder that cannot be removed wastes space and harms nothing: its job is closed.
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

bool EventTail::poll() {
  std::ifstream file(folder_ / jobs::kEventsFile, std::ios::binary);
  if (!file) return false;
  file.seekg(static_cast<std::streamoff>(offset_));
  bool any = false;
  std::string line;
  while (std::getline(file, line)) {
    if (file.eof()) break;  // no newline yet: the worker is still writing it
    offset_ += line.size() + 1;
    auto event = jobs::event_from_json_line(line);
    if (!event) continue;  // progress is for people; a line we cannot read changes nothing
    if (event->kind == jobs::Event::Kind::started) started_from_ = event->position;
    last_ = *std::move(event);
    any = true;
  }
  return any;
}

}  // namespace heirloom::daemon

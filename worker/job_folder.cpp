#include "worker/job_folder.h"

#include <string>
#include <system_error>

#include "core/base/files.h"

namespace heirloom::worker {
namespace {

constexpr std::uint64_t kMaxJobBytes = std::uint64_t{64} << 20;

}  // namespace

base::Result<jobs::Job> JobFolder::read_job() const {
  HEIRLOOM_ASSIGN(const std::string text, base::read_file(path_ / jobs::kJobFile, kMaxJobBytes));
  return jobs::job_from_json(text);
}

base::Result<void> JobFolder::prepare() const {
  for (const std::string_view name : {jobs::kOutputFolder, jobs::kCheckpointFolder}) {
    std::error_code error;
    std::filesystem::create_directory(path_ / name, error);
    if (error) return base::fail_errno("create", (path_ / name).native(), error.value());
  }
  return {};
}

base::Result<jobs::OutputFile> JobFolder::write_output(std::string_view name,
                                                       std::string_view bytes) const {
  HEIRLOOM_TRY(base::write_file_atomically(path_ / jobs::kOutputFolder / name, bytes));
  return jobs::OutputFile{
      .name = std::string(name), .sha256 = base::sha256(bytes), .bytes = bytes.size()};
}

base::Result<void> JobFolder::write_result(const jobs::JobResult& result) const {
  return base::write_file_atomically(path_ / jobs::kResultFile, jobs::to_json(result));
}

}  // namespace heirloom::worker

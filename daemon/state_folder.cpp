#include "daemon/state_folder.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/base/files.h"

namespace heirloom::daemon {
namespace {

base::Result<base::UniqueFd> take_lock(const std::filesystem::path& root) {
  const std::filesystem::path path = root / "heirloomd.lock";
  base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return base::fail_errno("open", path.native(), errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return base::fail_errno("lock", path.native(), errno);
    const std::string holder = base::read_file(path, 64).value_or("");
    return base::fail(base::ErrorKind::conflict,
                      fmt::format("another heirloomd (process {}) runs on {}",
                                  holder.empty() ? "unknown" : holder, root.native()),
                      "one state folder has one daemon");
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(fd.get(), 0) != 0) return base::fail_errno("truncate", path.native(), errno);
  HEIRLOOM_TRY(base::write_all(fd, pid, path.native()));
  return fd;
}

}  // namespace

base::Result<StateFolder> StateFolder::open(const std::filesystem::path& root) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(root, error);
  if (error) return base::fail_errno("resolve", root.native(), error.value());
  std::filesystem::create_directories(absolute, error);
  if (error) return base::fail_errno("create", absolute.native(), error.value());
  // For the owner, and for the group that may use the socket. What holds secret noise keys
  // (registry.db, job.json) is for the owner alone.
  using std::filesystem::perms;
  std::filesystem::permissions(absolute, perms::owner_all | perms::group_read | perms::group_exec,
                               error);
  if (error) return base::fail_errno("chmod", absolute.native(), error.value());

  HEIRLOOM_ASSIGN(base::UniqueFd lock, take_lock(absolute));
  StateFolder folder(absolute, std::move(lock));
  for (const auto& path :
       {folder.inbox(), folder.accepted(), folder.refused(), folder.jobs(), folder.models()}) {
    std::filesystem::create_directories(path, error);
    if (error) return base::fail_errno("create", path.native(), error.value());
  }
  return folder;
}

}  // namespace heirloom::daemon

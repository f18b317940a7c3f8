#include "core/base/files.h"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace heirloom::base {

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  // O_NONBLOCK: opening a fifo must not wait for a writer; it has no effect on regular files.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return fail_errno("open", path.native(), errno);
  return read_open_file(fd, path, max_bytes);
}

Result<std::string> read_open_file(const UniqueFd& fd, const std::filesystem::path& path,
                                   std::uint64_t max_bytes) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return fail_errno("stat", path.native(), errno);
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorKind::bad_data, fmt::format("{} is not a regular file", path.native()));
  }
  if (static_cast<std::uint64_t>(info.st_size) > max_bytes) {
    return fail(ErrorKind::bad_data, fmt::format("{} has {} bytes, more than the {} allowed",
                                                 path.native(), info.st_size, max_bytes));
  }
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(fd.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read", path.native(), errno);
    if (got == 0) break;  // the file shrank: what is left is what there is
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

Result<std::string> read_verified(const std::filesystem::path& path, std::uint64_t max_bytes,
                                  const Digest& expected) {
  HEIRLOOM_ASSIGN(std::string bytes, read_file(path, max_bytes));
  const Digest actual = sha256(bytes);
  if (actual != expected) {
    return fail(ErrorKind::bad_data,
                fmt::format("{} has SHA-256 {}, but {} was recorded", path.native(), actual.hex(),
                            expected.hex()),
                "the file changed after it was registered");
  }
  return bytes;
}

Result<void> write_all(const UniqueFd& fd, std::string_view bytes, std::string_view path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> fsync_folder(const std::filesystem::path& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return fail_errno("open", folder.native(), errno);
  if (::fsync(fd.get()) != 0) return fail_errno("fsync", folder.native(), errno);
  return {};
}

namespace {

Result<void> write_and_rename(const UniqueFd& fd, const std::string& temporary,
                              const std::filesystem::path& path, std::string_view bytes,
                              unsigned mode) {
  HEIRLOOM_TRY(write_all(fd, bytes, temporary));
  if (::fchmod(fd.get(), static_cast<mode_t>(mode)) != 0) {
    return fail_errno("chmod", temporary, errno);
  }
  if (::fsync(fd.get()) != 0) return fail_errno("fsync", temporary, errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    return fail_errno("rename", temporary, errno);
  }
  return {};
}

}  // namespace

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes,
                                   unsigned mode) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::string temporary = (folder / (".tmp-" + path.filename().native() + "-XXXXXX")).native();
  const UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return fail_errno("create a temporary file for", path.native(), errno);
  if (auto written = write_and_rename(fd, temporary, path, bytes, mode); !written) {
    ::unlink(temporary.c_str());
    return written;
  }
  return fsync_folder(folder);
}

}  // namespace heirloom::base

#include "core/base/key_files.h"

#include <cerrno>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "core/base/files.h"

namespace heirloom::base {
namespace {

constexpr std::uint64_t kMaxBytes = 64 * 1024;

// The text of a file whose mode has none of the `forbidden` bits.
Result<std::string> read_key_file(const std::filesystem::path& path, mode_t forbidden,
                                  std::string_view what, std::string_view cure) {
  // O_NONBLOCK: as in read_file.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return fail_errno("open", path.native(), errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return fail_errno("stat", path.native(), errno);
  if (S_ISREG(info.st_mode) && (info.st_mode & forbidden) != 0) {
    return fail(ErrorKind::usage, fmt::format("{} can be {} by others", path.native(), what),
                std::string(cure));
  }
  return read_open_file(fd, path, kMaxBytes);
}

template <typename Key>
Result<Key> named(Result<Key> key, const std::filesystem::path& path) {
  if (!key) key.error().message = path.native() + ": " + key.error().message;
  return key;
}

}  // namespace

Result<SigningKey> read_signing_key(const std::filesystem::path& path) {
  HEIRLOOM_ASSIGN(
      const std::string pem,
      read_key_file(path, 0077, "read", "chmod 600: whoever reads it can sign with it"));
  return named(SigningKey::from_pem(pem), path);
}

Result<VerifyKey> read_verify_key(const std::filesystem::path& path) {
  HEIRLOOM_ASSIGN(const std::string pem,
                  read_key_file(path, 0022, "written",
                                "chmod go-w: whoever writes it chooses whose signatures count"));
  constexpr std::string_view kBegin = "-----BEGIN ";
  if (const auto first = pem.find(kBegin);
      pem.find(kBegin, first + 1) != std::string::npos && first != std::string::npos) {
    return fail(ErrorKind::bad_data, path.native() + " holds more than one key",
                "give each key a file of its own");
  }
  return named(VerifyKey::from_pem(pem), path);
}

}  // namespace heirloom::base

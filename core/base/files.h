// Reading whole files, and writing them so that a crash leaves the old file or the new one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace heirloom::base {

// The bytes of a regular file of at most `max_bytes`. Anything else (missing, a directory, a
// fifo, too large) is an error that names the path.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

// The same of a file that is open already; `path` is for the words of an error.
Result<std::string> read_open_file(const UniqueFd& fd, const std::filesystem::path& path,
                                   std::uint64_t max_bytes);

// Like read_file, and refuses bytes whose SHA-256 is not `expected`: the bytes returned are the
// bytes that were hashed.
Result<std::string> read_verified(const std::filesystem::path& path, std::uint64_t max_bytes,
                                  const Digest& expected);

// Replaces `path` by `bytes`: temporary file in the same folder, fsync, rename, fsync of the
// folder. On failure `path` is as it was and no temporary file is left.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes,
                                   unsigned mode = 0644);

// Writes all of `bytes` to `fd`, going on after a short write or EINTR.
Result<void> write_all(const UniqueFd& fd, std::string_view bytes, std::string_view path);

// Makes the names in `folder` durable.
Result<void> fsync_folder(const std::filesystem::path& folder);

}  // namespace heirloom::base

// Content-addressed files: STATE/artifacts/sha256/ab/cdef..., each named by the SHA-256 of its
// bytes and never changed. Written by temp, fsync, rename, fsync of the folder; a row that names an
// artifact is committed only afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/digest.h"
#include "core/base/result.h"

namespace heirloom::registry {

class ArtifactStore {
 public:
  static constexpr std::uint64_t kMaxBytes = std::uint64_t{4} << 30;

  explicit ArtifactStore(std::filesystem::path root) : root_(std::move(root)) {}

  // Stores `bytes`; storing the same bytes again changes nothing.
  base::Result<base::Digest> put(std::string_view bytes);

  // Stores the bytes of `file`, which must hash to `expected`: a worker's output enters the
  // registry only as what its result said it is.
  base::Result<void> import(const std::filesystem::path& file, const base::Digest& expected);

  // The bytes, verified against their name.
  base::Result<std::string> get(const base::Digest& digest) const;

  std::filesystem::path path(const base::Digest& digest) const;
  const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace heirloom::registry

// The rows of a certification as they come in, kept so that a later attempt goes on after the last
// whole one. Each line is the row of core/certificate/counts.h, the milliseconds of work so far,
// and 16 hex digits of a checksum over both and the task.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/certificate/counts.h"

namespace heirloom::smooth {

// Not thread-safe; one process at a time has the file.
class CountsProgress {
 public:
  // Reads `path`, keeps the longest run of whole rows that belong to `fingerprint` (everything that
  // decides the counts) and to `examples` in order, and cuts the file after them.
  static base::Result<CountsProgress> open(const std::filesystem::path& path,
                                           const base::Digest& fingerprint,
                                           const std::vector<std::uint32_t>& examples);

  // Writes the row; it is durable within about a second, and when sync() returns. On an error the
  // file may end in part of a line, which the next open() drops.
  base::Result<void> append(const certificate::ExampleCounts& row,
                            std::chrono::milliseconds worked);
  base::Result<void> sync();

  const std::vector<certificate::ExampleCounts>& rows() const { return rows_; }
  // Work that went into rows(), over all attempts.
  std::chrono::milliseconds worked() const { return worked_; }

 private:
  CountsProgress(std::filesystem::path path, const base::Digest& fingerprint)
      : path_(std::move(path)), fingerprint_(fingerprint) {}
  std::string checksum(std::string_view line) const;
  bool take_line(std::string_view line, std::uint32_t expected_index);

  std::filesystem::path path_;
  base::Digest fingerprint_;
  base::UniqueFd fd_;
  std::vector<certificate::ExampleCounts> rows_;
  std::chrono::milliseconds worked_{0};
  std::chrono::steady_clock::time_point last_sync_{};
};

}  // namespace heirloom::smooth

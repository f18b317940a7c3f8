// Gzip files, whole and in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace heirloom::data {

// Starts like a gzip file (bytes 1f 8b)?
bool is_gzip(std::string_view bytes);

// The content of a gzip file, of at most `max_bytes`. Errors (bad_data): a damaged or short
// stream, more content than allowed, bytes after the end that are no further gzip member; each
// names `origin` and the offset in the compressed file.
base::Result<std::string> gunzip(std::string_view bytes, std::uint64_t max_bytes,
                                 std::string_view origin);

}  // namespace heirloom::data

// Reading a registered part again: the same examples, or an error.
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/data/dataset.h"
#include "core/jobs/data_part.h"

namespace heirloom::data {

inline constexpr std::uint64_t kMaxDataFileBytes = std::uint64_t{1} << 34;

// The examples of `part`, read on `threads` threads. The bytes parsed are the bytes hashed; errors:
// a file that is gone (not_found, bad_data) or has changed since it was registered (bad_data), by
// name, or examples whose digest differs (bad_data).
base::Result<Dataset> load_part(const jobs::DataPart& part, const jobs::InputShape& shape,
                                std::int64_t classes, int threads = 1);

}  // namespace heirloom::data

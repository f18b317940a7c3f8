// How an image is named on the command line: FILE, FILE#3 or FILE#0-9 (numbers from 0, the last one
// included). A file whose name ends like that is meant itself.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"

namespace heirloom::cli {

struct ImageArgument {
  std::string path;
  std::uint64_t first = 0;
  std::uint64_t count = 0;  // 0: every image of the file
};

// Errors: usage (a range that ends before it begins, or of too large numbers).
base::Result<ImageArgument> parse_image_argument(const std::string& argument);

}  // namespace heirloom::cli

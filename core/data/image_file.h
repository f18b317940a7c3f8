// One file of images without labels, of any kind that is known here: a picture, or an IDX file,
// plain or .gz, told apart by their first bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/idx.h"
#include "core/jobs/model_spec.h"

namespace heirloom::data {

// Which images of an IDX file: `count` from number `first` (from 0) on; count 0 is all of them.
struct ImageRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

struct NamedImages {
  std::vector<std::string> names;    // the file's name; "NAME#17" for image 17 of an IDX file
  std::vector<std::uint8_t> pixels;  // [N, C, H, W]
};

// Errors: those of read_picture and parse_idx_images; usage for a range that the file does not have
// (a picture has image 0).
base::Result<NamedImages> read_image_file(const NamedBytes& file, const ImageRange& range,
                                          const jobs::InputShape& shape);

}  // namespace heirloom::data

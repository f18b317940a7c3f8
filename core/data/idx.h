// IDX, the format of MNIST: a magic number, big-endian sizes, then unsigned bytes.
//
//   labels: 00 00 08 01 | N | N bytes
//   images: 00 00 08 03 | N, H, W | N*H*W bytes          one channel
//           00 00 08 04 | N, C, H, W | N*C*H*W bytes
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/data/dataset.h"
#include "core/jobs/model_spec.h"

namespace heirloom::data {

// The bytes of a file, plain or gzip, and the name to call it by in errors.
struct NamedBytes {
  std::string_view name;
  std::string_view bytes;
};

// Errors (bad_data) name the file and the byte offset (in the unpacked content of a gzip file):
// a short file, a wrong magic number, trailing bytes, counts that differ, a label that is no
// class, images of another shape than the model's.
base::Result<Dataset> parse_idx(const NamedBytes& images, const NamedBytes& labels,
                                const jobs::InputShape& shape, std::int64_t classes);

// The pixels [N, C, H, W] of an images file alone; the same errors.
base::Result<std::vector<std::uint8_t>> parse_idx_images(const NamedBytes& images,
                                                         const jobs::InputShape& shape);

}  // namespace heirloom::data

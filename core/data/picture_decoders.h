// The two decoders behind picture.h. Both libraries report errors by longjmp, which must not skip a
// destructor: setjmp is kept in functions that hold nothing but plain data, and the decoder's state
// belongs to a C++ object outside of them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "core/data/idx.h"
#include "core/jobs/model_spec.h"

namespace heirloom::data {

// One picture as its file has it: samples [height, width, channels], 1 or 3 channels.
struct Picture {
  int channels = 0;
  std::vector<std::uint8_t> samples;
};

// Refuses another size than the model's.
base::Result<void> check_picture_size(const NamedBytes& file, std::uint64_t width,
                                      std::uint64_t height, const jobs::InputShape& shape);

base::Result<Picture> decode_png(const NamedBytes& file, const jobs::InputShape& shape);
base::Result<Picture> decode_jpeg(const NamedBytes& file, const jobs::InputShape& shape);

}  // namespace heirloom::data

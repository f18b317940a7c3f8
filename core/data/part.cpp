#include "core/data/part.h"

#include <string>

#include <fmt/format.h>

#include "core/base/files.h"
#include "core/data/glyphs.h"
#include "core/data/idx.h"

namespace heirloom::data {
namespace {

using base::ErrorKind;
using base::Result;

Result<Dataset> load_idx(const jobs::DataPart& part, const jobs::InputShape& shape,
                         std::int64_t classes) {
  if (part.files.size() != 2) {
    return base::fail(ErrorKind::usage,
                      fmt::format("an idx part has two files, not {}", part.files.size()));
  }
  const jobs::FileRef& images = part.files[0];
  const jobs::FileRef& labels = part.files[1];
  HEIRLOOM_ASSIGN(const std::string image_bytes,
                  base::read_verified(images.path, kMaxDataFileBytes, images.sha256));
  HEIRLOOM_ASSIGN(const std::string label_bytes,
                  base::read_verified(labels.path, kMaxDataFileBytes, labels.sha256));
  return parse_idx({images.path, image_bytes}, {labels.path, label_bytes}, shape, classes);
}

}  // namespace

Result<Dataset> load_part(const jobs::DataPart& part, const jobs::InputShape& shape,
                          std::int64_t classes) {
  const auto read = [&] {
    return part.format == jobs::DataFormat::glyphs
               ? draw_glyphs(part.glyphs_seed, part.examples, shape, classes)
               : load_idx(part, shape, classes);
  };
  HEIRLOOM_ASSIGN(Dataset dataset, read());
  const base::Digest digest = part_digest(example_digests(dataset));
  if (digest != part.digest) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("the examples have digest {}, but {} was recorded", digest.hex(),
                                  part.digest.hex()),
                      "the data, or the program that reads them, changed after registration");
  }
  return dataset;
}

}  // namespace heirloom::data

#include "core/data/part.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/base/files.h"
#include "core/data/cifar.h"
#include "core/data/glyphs.h"
#include "core/data/idx.h"
#include "core/data/picture_folder.h"

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

Result<Dataset> load_cifar(const jobs::DataPart& part, const jobs::InputShape& shape,
                           std::int64_t classes) {
  std::uint64_t bytes = 0;
  for (const jobs::FileRef& file : part.files) {
    bytes += std::min(file.bytes, kMaxDataFileBytes);
  }
  HEIRLOOM_ASSIGN(Dataset dataset, empty_cifar(shape, classes, bytes));
  for (const jobs::FileRef& file : part.files) {
    HEIRLOOM_ASSIGN(const std::string content,
                    base::read_verified(file.path, kMaxDataFileBytes, file.sha256));
    HEIRLOOM_TRY(append_cifar({file.path, content}, dataset));
  }
  return dataset;
}

Result<Dataset> load_folder(const jobs::DataPart& part, const jobs::InputShape& shape,
                            std::int64_t classes, int threads) {
  if (!part.folder || part.folder->manifest.path.empty()) {
    return base::fail(ErrorKind::usage, "a part of pictures without the place of its manifest");
  }
  const jobs::FileRef& manifest = part.folder->manifest;
  HEIRLOOM_ASSIGN(const std::string text,
                  base::read_verified(manifest.path, kMaxDataFileBytes, manifest.sha256));
  HEIRLOOM_ASSIGN(const std::vector<ManifestEntry> entries, parse_manifest(text, manifest.path));
  return reread_pictures(part.folder->path, entries, shape, classes, threads);
}

Result<Dataset> read_part(const jobs::DataPart& part, const jobs::InputShape& shape,
                          std::int64_t classes, int threads) {
  switch (part.format) {
    case jobs::DataFormat::idx:
      return load_idx(part, shape, classes);
    case jobs::DataFormat::cifar:
      return load_cifar(part, shape, classes);
    case jobs::DataFormat::folder:
      return load_folder(part, shape, classes, threads);
    case jobs::DataFormat::glyphs:
      return draw_glyphs(part.glyphs_seed, part.examples, shape, classes);
  }
  return base::fail(ErrorKind::internal, "a part of an unknown format");
}

}  // namespace

Result<Dataset> load_part(const jobs::DataPart& part, const jobs::InputShape& shape,
                          std::int64_t classes, int threads) {
  HEIRLOOM_ASSIGN(Dataset dataset, read_part(part, shape, classes, threads));
  const base::Digest digest = part_digest(example_digests(dataset, threads));
  if (digest != part.digest) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("the examples have digest {}, but {} was recorded", digest.hex(),
                                  part.digest.hex()),
                      "the data, or the program that reads them, changed after registration");
  }
  return dataset;
}

}  // namespace heirloom::data

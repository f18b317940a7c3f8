#include "core/data/image_file.h"

#include <fmt/format.h>

#include "core/data/gzip.h"
#include "core/data/picture.h"

namespace heirloom::data {
namespace {

using base::ErrorKind;
using base::Result;

// Before unpacking, a gzip file may be of anything; only IDX files are expected in one.
bool may_be_idx(std::string_view bytes) {
  return is_gzip(bytes) || bytes.starts_with(std::string_view("\0\0", 2));
}

}  // namespace

Result<NamedImages> read_image_file(const NamedBytes& file, const ImageRange& range,
                                    const jobs::InputShape& shape) {
  NamedImages images;
  const bool idx = may_be_idx(file.bytes);
  if (!idx && !picture_format(file)) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("{} is no PNG, JPEG or IDX file", file.name));
  }
  HEIRLOOM_ASSIGN(images.pixels, idx ? parse_idx_images(file, shape) : read_picture(file, shape));
  const auto numel = static_cast<std::size_t>(shape.numel());
  const std::size_t there = images.pixels.size() / numel;
  if (there == 0) return base::fail(ErrorKind::bad_data, fmt::format("{} is empty", file.name));
  const std::uint64_t first = range.count == 0 ? 0 : range.first;
  const std::uint64_t count = range.count == 0 ? there : range.count;
  if (first >= there || count > there - first) {
    return base::fail(ErrorKind::usage,
                      fmt::format("{} has the images 0 to {}, not {} to {}", file.name, there - 1,
                                  first, first + count - 1));
  }
  const auto begin = images.pixels.begin() + static_cast<std::ptrdiff_t>(first * numel);
  images.pixels = {begin, begin + static_cast<std::ptrdiff_t>(count * numel)};
  for (std::size_t i = 0; i < count; ++i) {
    images.names.push_back(idx ? fmt::format("{}#{}", file.name, first + i)
                               : std::string(file.name));
  }
  return images;
}

}  // namespace heirloom::data

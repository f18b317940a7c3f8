#include "core/data/picture.h"

#include <string>

#include <fmt/format.h>

#include "core/data/picture_decoders.h"

namespace heirloom::data {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::string_view kPngSignature("\x89PNG\r\n\x1a\n", 8);
constexpr std::string_view kJpegSignature("\xff\xd8\xff", 3);

// [H, W, C] of the file to [C, H, W] of the model, where that loses and invents nothing.
Result<std::vector<std::uint8_t>> to_planes(const NamedBytes& file, const Picture& picture,
                                            const jobs::InputShape& shape) {
  const auto area = static_cast<std::size_t>(shape.height * shape.width);
  const auto wanted = static_cast<std::size_t>(shape.channels);
  const auto found = static_cast<std::size_t>(picture.channels);
  std::vector<std::uint8_t> planes(area * wanted);
  for (std::size_t i = 0; i < area; ++i) {
    const std::uint8_t* sample = picture.samples.data() + i * found;
    if (wanted < found && (sample[0] != sample[1] || sample[0] != sample[2])) {
      const auto width = static_cast<std::size_t>(shape.width);
      return base::fail(
          ErrorKind::unsupported,
          fmt::format("{} has colours (row {}, column {}), but the model takes one channel",
                      file.name, i / width, i % width),
          "make it grey the way the model's data were made grey");
    }
    for (std::size_t c = 0; c < wanted; ++c) planes[c * area + i] = sample[found == 1 ? 0 : c];
  }
  return planes;
}

}  // namespace

Result<PictureFormat> picture_format(const NamedBytes& file) {
  if (file.bytes.starts_with(kPngSignature)) return PictureFormat::png;
  if (file.bytes.starts_with(kJpegSignature)) return PictureFormat::jpeg;
  return base::fail(ErrorKind::bad_data,
                    fmt::format("{} is neither a PNG nor a JPEG file", file.name));
}

Result<void> check_picture_size(const NamedBytes& file, std::uint64_t width, std::uint64_t height,
                                const jobs::InputShape& shape) {
  if (width == static_cast<std::uint64_t>(shape.width) &&
      height == static_cast<std::uint64_t>(shape.height)) {
    return {};
  }
  return base::fail(ErrorKind::bad_data,
                    fmt::format("{} is {} pixels wide and {} high, but the model takes {} by {}",
                                file.name, width, height, shape.width, shape.height),
                    "pictures are never scaled here: scale it as the model's data were scaled");
}

Result<std::vector<std::uint8_t>> read_picture(const NamedBytes& file,
                                               const jobs::InputShape& shape, ChannelRule rule) {
  HEIRLOOM_ASSIGN(const PictureFormat format, picture_format(file));
  if (shape.channels != 1 && shape.channels != 3) {
    return base::fail(
        ErrorKind::unsupported,
        fmt::format("{} has 1 or 3 channels, but the model takes {}", file.name, shape.channels),
        "an IDX file can have any number of channels");
  }
  HEIRLOOM_ASSIGN(const Picture picture, format == PictureFormat::png ? decode_png(file, shape)
                                                                      : decode_jpeg(file, shape));
  if (rule == ChannelRule::exact && picture.channels != shape.channels) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("{} is a {} picture, but the model takes {}", file.name,
                                  picture.channels == 1 ? "grey" : "colour",
                                  shape.channels == 1 ? "grey ones" : "colour ones"),
                      "make all pictures of the data alike");
  }
  return to_planes(file, picture, shape);
}

}  // namespace heirloom::data

#include "core/data/idx.h"

#include <string>

#include <fmt/format.h>

#include "core/data/gzip.h"

namespace heirloom::data {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::uint32_t kLabelsMagic = 0x00000801;
constexpr std::uint32_t kGreyImagesMagic = 0x00000803;
constexpr std::uint32_t kImagesMagic = 0x00000804;
constexpr std::uint64_t kMaxContent = std::uint64_t{1} << 34;

// The unpacked content of one IDX file.
class IdxContent {
 public:
  static Result<IdxContent> open(const NamedBytes& file) {
    IdxContent content{std::string(file.name)};
    if (is_gzip(file.bytes)) {
      HEIRLOOM_ASSIGN(content.unpacked_, gunzip(file.bytes, kMaxContent, file.name));
    } else {
      content.unpacked_ = file.bytes;
    }
    return content;
  }

  tl::unexpected<base::Error> wrong(std::size_t offset, std::string_view what) const {
    return base::fail(ErrorKind::bad_data, fmt::format("{}: {} (byte {})", name_, what, offset));
  }

  // The big-endian word at `offset`.
  Result<std::uint32_t> word(std::size_t offset) const {
    if (unpacked_.size() < offset + 4) {
      return wrong(unpacked_.size(), "the file ends within its header");
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      value = (value << 8) | static_cast<std::uint8_t>(unpacked_[offset + i]);
    }
    return value;
  }

  // The data from `offset` on, which must be exactly `count` items of `item` bytes.
  Result<std::string_view> data(std::size_t offset, std::uint64_t count, std::uint64_t item) const {
    const std::uint64_t rest = unpacked_.size() - offset;
    if (item != 0 && count > rest / item) {
      return wrong(unpacked_.size(),
                   fmt::format("the file ends after {} of the {} items its header promises",
                               rest / item, count));
    }
    if (count * item != rest) {
      return wrong(offset + count * item,
                   fmt::format("{} bytes follow the last item", rest - count * item));
    }
    return std::string_view(unpacked_).substr(offset);
  }

  const std::string& name() const { return name_; }

 private:
  explicit IdxContent(std::string name) : name_(std::move(name)) {}

  std::string name_;
  std::string unpacked_;
};

// The number of images; `offset` is where their bytes begin.
Result<std::uint32_t> read_image_header(const IdxContent& content, const jobs::InputShape& shape,
                                        std::size_t& offset) {
  HEIRLOOM_ASSIGN(const std::uint32_t magic, content.word(0));
  if (magic != kGreyImagesMagic && magic != kImagesMagic) {
    return content.wrong(0, fmt::format("magic number {:08x}, not that of an IDX image file "
                                        "(00000803 or 00000804)",
                                        magic));
  }
  HEIRLOOM_ASSIGN(const std::uint32_t count, content.word(4));
  offset = 8;
  jobs::InputShape found{.channels = 1};
  if (magic == kImagesMagic) {
    HEIRLOOM_ASSIGN(found.channels, content.word(offset));
    offset += 4;
  }
  HEIRLOOM_ASSIGN(found.height, content.word(offset));
  HEIRLOOM_ASSIGN(found.width, content.word(offset + 4));
  if (found != shape) {
    return content.wrong(8, fmt::format("images of shape [{}, {}, {}], but the model takes "
                                        "[{}, {}, {}]",
                                        found.channels, found.height, found.width, shape.channels,
                                        shape.height, shape.width));
  }
  offset += 8;
  return count;
}

Result<std::vector<std::uint16_t>> read_labels(const IdxContent& content, std::int64_t classes) {
  constexpr std::size_t header = 8;
  HEIRLOOM_ASSIGN(const std::uint32_t magic, content.word(0));
  if (magic != kLabelsMagic) {
    return content.wrong(
        0, fmt::format("magic number {:08x}, not that of an IDX label file (00000801)", magic));
  }
  HEIRLOOM_ASSIGN(const std::uint32_t count, content.word(4));
  HEIRLOOM_ASSIGN(const std::string_view bytes, content.data(header, count, 1));
  std::vector<std::uint16_t> labels;
  labels.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto label = static_cast<std::uint8_t>(bytes[i]);
    if (label >= classes) {
      return content.wrong(header + i, fmt::format("label {} of example {}, but the model has "
                                                   "{} classes",
                                                   label, i, classes));
    }
    labels.push_back(label);
  }
  return labels;
}

// The bytes of all images; `count` is how many there are.
Result<std::string_view> image_bytes(const IdxContent& content, const jobs::InputShape& shape,
                                     std::uint32_t& count) {
  std::size_t offset = 0;
  HEIRLOOM_ASSIGN(count, read_image_header(content, shape, offset));
  return content.data(offset, count, static_cast<std::uint64_t>(shape.numel()));
}

}  // namespace

Result<std::vector<std::uint8_t>> parse_idx_images(const NamedBytes& images,
                                                   const jobs::InputShape& shape) {
  HEIRLOOM_ASSIGN(const IdxContent content, IdxContent::open(images));
  std::uint32_t count = 0;
  HEIRLOOM_ASSIGN(const std::string_view pixels, image_bytes(content, shape, count));
  return std::vector<std::uint8_t>(pixels.begin(), pixels.end());
}

Result<Dataset> parse_idx(const NamedBytes& images, const NamedBytes& labels,
                          const jobs::InputShape& shape, std::int64_t classes) {
  Dataset dataset{.shape = shape, .classes = classes, .pixels = {}, .labels = {}};
  HEIRLOOM_ASSIGN(const IdxContent image_file, IdxContent::open(images));
  std::uint32_t count = 0;
  HEIRLOOM_ASSIGN(const std::string_view pixels, image_bytes(image_file, shape, count));
  HEIRLOOM_ASSIGN(const IdxContent label_file, IdxContent::open(labels));
  HEIRLOOM_ASSIGN(dataset.labels, read_labels(label_file, classes));
  if (dataset.labels.size() != count) {
    return label_file.wrong(4, fmt::format("{} labels, but {} has {} images", dataset.labels.size(),
                                           image_file.name(), count));
  }
  dataset.pixels.assign(pixels.begin(), pixels.end());
  return dataset;
}

}  // namespace heirloom::data

// Labelled images in memory: uint8 pixels [N, C, H, W], one label each. A pixel p stands for the
// float p / 255.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/base/digest.h"
#include "core/jobs/model_spec.h"

namespace heirloom::data {

struct Dataset {
  jobs::InputShape shape;
  std::int64_t classes = 0;
  std::vector<std::uint8_t> pixels;   // [N, C, H, W]
  std::vector<std::uint16_t> labels;  // [N], each below classes

  std::size_t size() const { return labels.size(); }
  std::span<const std::uint8_t> image(std::size_t index) const {
    const auto numel = static_cast<std::size_t>(shape.numel());
    return std::span(pixels).subspan(index * numel, numel);
  }
};

inline constexpr std::int64_t kMaxClasses = 65536;  // labels are 16 bits

// SHA-256 over FieldEncoder{"heirloom/example/v1", C, H, W, label, pixel bytes}.
base::Digest example_digest(const Dataset& dataset, std::size_t index);
std::vector<base::Digest> example_digests(const Dataset& dataset, int threads = 1);

// The same without the label: what tells whether two parts share an image.
std::vector<base::Digest> image_digests(const Dataset& dataset, int threads = 1);
std::vector<base::Digest> sorted_image_digests(const Dataset& dataset, int threads = 1);

// The digest of a part: FieldEncoder{"heirloom/part/v1", example digests in order}.
base::Digest part_digest(std::span<const base::Digest> examples);

std::vector<std::uint64_t> class_counts(const Dataset& dataset);

// The first image of `train` (by index) that `holdout` has too, whatever its label:
// (train index, holdout index).
std::optional<std::pair<std::size_t, std::size_t>> shared_image(const Dataset& train,
                                                                const Dataset& holdout,
                                                                int threads = 1);

}  // namespace heirloom::data

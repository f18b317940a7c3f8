#include "core/train/augment.h"

namespace heirloom::train {

std::vector<Placement> draw_placements(jobs::Augment augment, std::size_t count,
                                       base::PhiloxWords& words) {
  if (augment == jobs::Augment::none) return {};
  constexpr std::uint32_t places = 2 * kPadding + 1;
  std::vector<Placement> placements(count);
  for (Placement& placement : placements) {
    placement.down = static_cast<int>(words.below(places)) - kPadding;
    placement.right = static_cast<int>(words.below(places)) - kPadding;
    placement.mirrored = augment == jobs::Augment::crop_flip && words.below(2) == 1;
  }
  return placements;
}

void place(std::span<const std::uint8_t> image, const jobs::InputShape& shape,
           const Placement& placement, std::span<const float, 256> values, float* out) {
  const std::int64_t area = shape.height * shape.width;
  for (std::int64_t row = 0; row < shape.height; ++row) {
    const std::int64_t from_row = row + placement.down;
    const bool above_or_below = from_row < 0 || from_row >= shape.height;
    for (std::int64_t column = 0; column < shape.width; ++column) {
      const std::int64_t straight = placement.mirrored ? shape.width - 1 - column : column;
      const std::int64_t from_column = straight + placement.right;
      const bool outside = above_or_below || from_column < 0 || from_column >= shape.width;
      const std::int64_t at = from_row * shape.width + from_column;
      for (std::int64_t c = 0; c < shape.channels; ++c) {
        *out++ = values[outside ? 0 : image[static_cast<std::size_t>(c * area + at)]];
      }
    }
  }
}

}  // namespace heirloom::train

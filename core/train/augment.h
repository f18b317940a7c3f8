// What is done to an image before the noise: moved by up to four pixels each way, black comes in
// where nothing was (a random crop of the image with a border of four), and mirrored left to right.
// No LibTorch in this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/philox.h"
#include "core/jobs/model_spec.h"
#include "core/jobs/train_settings.h"

namespace heirloom::train {

inline constexpr int kPadding = 4;

// Pixel (row, column) of the result is pixel (row + down, c + right) of the image, 0 outside of it,
// where c is the column, or the one as far from the other side if it is mirrored.
struct Placement {
  int down = 0;   // -kPadding to kPadding
  int right = 0;  // the same
  bool mirrored = false;

  friend bool operator==(const Placement&, const Placement&) = default;
};

// Each place is as likely as any other, and so are the two directions of crop_flip. Empty for none.
std::vector<Placement> draw_placements(jobs::Augment augment, std::size_t count,
                                       base::PhiloxWords& words);

// `image` is [C, H, W], `out` the same image placed, in channels-last order [H, W, C], by way of
// `values`, the float of each of the 256 pixel values.
void place(std::span<const std::uint8_t> image, const jobs::InputShape& shape,
           const Placement& placement, std::span<const float, 256> values, float* out);

}  // namespace heirloom::train

// Draws polylines with a round pen into a grey image. Integer arithmetic only.
#pragma once

#include <cstdint>
#include <span>

namespace heirloom::data {

// Raster coordinates count kRasterUnit to a pixel; pixel (column, row) has its middle at
// ((column + 1/2), (row + 1/2)) * kRasterUnit.
inline constexpr std::int32_t kRasterUnit = 256;

struct RasterPoint {
  std::int32_t x = 0;
  std::int32_t y = 0;
};

struct Pen {
  std::int32_t half_width = kRasterUnit;  // raster units
  std::int32_t darkness = 255;            // value of a fully covered pixel, at most 255
};

// Each pixel of the side x side image becomes the larger of itself and the pen's coverage: full
// within half_width - 1/2 pixel of the line, none beyond half_width + 1/2 pixel, linear between.
void draw_line(std::span<const RasterPoint> line, const Pen& pen, std::int32_t side,
               std::span<std::uint8_t> pixels);

}  // namespace heirloom::data

#include "core/data/glyph_raster.h"

#include <algorithm>
#include <cstddef>

namespace heirloom::data {
namespace {

// The integer part of the square root, by the digit method: no floating point.
std::int64_t integer_sqrt(std::int64_t value) {
  std::int64_t root = 0;
  std::int64_t bit = std::int64_t{1} << 40;
  while (bit > value) bit >>= 2;
  for (; bit != 0; bit >>= 2) {
    if (value >= root + bit) {
      value -= root + bit;
      root = (root >> 1) + bit;
    } else {
      root >>= 1;
    }
  }
  return root;
}

std::int64_t squared(std::int64_t x, std::int64_t y) {
  return x * x + y * y;
}

// The distance from p to the segment a-b, rounded down to a raster unit.
std::int64_t distance(RasterPoint p, RasterPoint a, RasterPoint b) {
  const std::int64_t dx = b.x - a.x;
  const std::int64_t dy = b.y - a.y;
  const std::int64_t px = p.x - a.x;
  const std::int64_t py = p.y - a.y;
  const std::int64_t length2 = squared(dx, dy);
  const std::int64_t along = px * dx + py * dy;
  if (along <= 0) return integer_sqrt(squared(px, py));
  if (along >= length2) return integer_sqrt(squared(p.x - b.x, p.y - b.y));
  const std::int64_t across = px * dy - py * dx;
  return integer_sqrt(across * across / length2);
}

void draw_segment(RasterPoint a, RasterPoint b, const Pen& pen, std::int32_t side,
                  std::span<std::uint8_t> pixels) {
  const std::int32_t reach = pen.half_width + kRasterUnit / 2;
  const auto pixel_of = [&](std::int32_t at) { return std::clamp(at / kRasterUnit, 0, side - 1); };
  const std::int32_t last_row = pixel_of(std::max(a.y, b.y) + reach);
  const std::int32_t last_column = pixel_of(std::max(a.x, b.x) + reach);
  const std::int32_t first_column = pixel_of(std::min(a.x, b.x) - reach);
  for (std::int32_t row = pixel_of(std::min(a.y, b.y) - reach); row <= last_row; ++row) {
    for (std::int32_t column = first_column; column <= last_column; ++column) {
      const RasterPoint middle{column * kRasterUnit + kRasterUnit / 2,
                               row * kRasterUnit + kRasterUnit / 2};
      const std::int64_t covered =
          std::clamp<std::int64_t>(reach - distance(middle, a, b), 0, kRasterUnit);
      const auto value = static_cast<std::uint8_t>(covered * pen.darkness / kRasterUnit);
      std::uint8_t& pixel = pixels[static_cast<std::size_t>(row * side + column)];
      pixel = std::max(pixel, value);
    }
  }
}

}  // namespace

void draw_line(std::span<const RasterPoint> line, const Pen& pen, std::int32_t side,
               std::span<std::uint8_t> pixels) {
  for (std::size_t i = 1; i < line.size(); ++i) {
    draw_segment(line[i - 1], line[i], pen, side, pixels);
  }
}

}  // namespace heirloom::data

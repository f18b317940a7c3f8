#include "core/data/glyphs.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/digest.h"
#include "core/base/philox.h"
#include "core/data/glyph_figures.h"
#include "core/data/glyph_raster.h"

namespace heirloom::data {
namespace {

using base::ErrorKind;

// Uniform on {low, ..., high}.
std::int32_t between(base::PhiloxWords& words, std::int32_t low, std::int32_t high) {
  return low + static_cast<std::int32_t>(words.below(static_cast<std::uint32_t>(high - low + 1)));
}

// A linear map in units of 1/4096 and a move in raster units.
struct Pose {
  std::int64_t xx = 0, xy = 0, yx = 0, yy = 0;
  std::int32_t move_x = 0, move_y = 0;
};

// Turn by up to 22 degrees, shear, scale by 0.62 to 1.05 a side, move by up to three pixels. The
// turn is the rational point (1 - t^2, 2t) / (1 + t^2) of the unit circle: no sine is needed.
Pose random_pose(base::PhiloxWords& words) {
  constexpr std::int64_t one = 4096;
  const std::int64_t t = between(words, -800, 800);
  const std::int64_t norm = one * one + t * t;
  const std::int64_t cosine = (one * one - t * t) * one / norm;
  const std::int64_t sine = 2 * one * t * one / norm;
  const std::int64_t shear = between(words, -1000, 1000);
  const std::int64_t scale_x = between(words, 2540, 4300);
  const std::int64_t scale_y = between(words, 2540, 4300);
  Pose pose;
  pose.xx = cosine * scale_x / one;
  pose.xy = (cosine * shear / one - sine) * scale_y / one;
  pose.yx = sine * scale_x / one;
  pose.yy = (sine * shear / one + cosine) * scale_y / one;
  pose.move_x = between(words, -3 * kRasterUnit, 3 * kRasterUnit);
  pose.move_y = between(words, -3 * kRasterUnit, 3 * kRasterUnit);
  return pose;
}

RasterPoint place(const FigurePoint& point, const Pose& pose, base::PhiloxWords& words) {
  constexpr std::int32_t jitter = 9;  // hundredths of the half side
  const std::int64_t x = point.x + between(words, -jitter, jitter);
  const std::int64_t y = point.y + between(words, -jitter, jitter);
  // A figure coordinate of 100 is 9.5 pixels from the centre.
  constexpr std::int64_t unit = 95 * kRasterUnit / 1000;
  constexpr std::int32_t centre = static_cast<std::int32_t>(kGlyphSide) * kRasterUnit / 2;
  return {
      centre + pose.move_x + static_cast<std::int32_t>((pose.xx * x + pose.xy * y) * unit / 4096),
      centre + pose.move_y + static_cast<std::int32_t>((pose.yx * x + pose.yy * y) * unit / 4096)};
}

void draw_glyph(std::uint64_t seed, std::uint64_t index, std::span<std::uint8_t> pixels,
                std::uint16_t& label) {
  base::FieldEncoder fields;
  fields.text("heirloom/glyphs/v1")
      .integer(static_cast<std::int64_t>(seed))
      .integer(static_cast<std::int64_t>(index));
  base::PhiloxWords words(fields.sha256());
  label = static_cast<std::uint16_t>(words.below(kGlyphClasses));
  const Pose pose = random_pose(words);
  const Pen pen{.half_width = between(words, 7 * kRasterUnit / 10, 15 * kRasterUnit / 10),
                .darkness = between(words, 170, 255)};
  for (const Stroke& stroke : figure(label)) {
    std::vector<RasterPoint> line;
    for (const FigurePoint& point : stroke) line.push_back(place(point, pose, words));
    draw_line(line, pen, static_cast<std::int32_t>(kGlyphSide), pixels);
  }
}

}  // namespace

base::Result<Dataset> draw_glyphs(std::uint64_t seed, std::uint64_t count,
                                  const jobs::InputShape& shape, std::int64_t classes) {
  const jobs::InputShape own{.channels = 1, .height = kGlyphSide, .width = kGlyphSide};
  if (shape != own || classes != kGlyphClasses) {
    return base::fail(ErrorKind::usage,
                      fmt::format("glyphs are [1, 28, 28] in 10 classes, but the model takes "
                                  "[{}, {}, {}] in {}",
                                  shape.channels, shape.height, shape.width, classes));
  }
  if (count == 0 || count > kMaxGlyphs) {
    return base::fail(ErrorKind::usage,
                      fmt::format("a glyphs part has 1 to {} examples, not {}", kMaxGlyphs, count));
  }
  Dataset dataset{.shape = shape, .classes = classes, .pixels = {}, .labels = {}};
  const auto numel = static_cast<std::size_t>(shape.numel());
  dataset.pixels.assign(count * numel, 0);
  dataset.labels.assign(count, 0);
  for (std::uint64_t i = 0; i < count; ++i) {
    draw_glyph(seed, i, std::span(dataset.pixels).subspan(i * numel, numel), dataset.labels[i]);
  }
  return dataset;
}

}  // namespace heirloom::data

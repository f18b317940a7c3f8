#include "core/data/glyphs.h"

#include <gtest/gtest.h>

#include "core/data/glyph_raster.h"

namespace heirloom::data {
namespace {

constexpr jobs::InputShape kShape{1, 28, 28};

Dataset draw(std::uint64_t seed, std::uint64_t count) {
  return draw_glyphs(seed, count, kShape, 10).value();
}

// Integers only, so these bytes are the same on every machine. A change of the drawing changes
// every digest that was registered: it must be meant.
TEST(Glyphs, DrawTheSamePixelsEverywhere) {
  const Dataset dataset = draw(1, 64);
  EXPECT_EQ(part_digest(example_digests(dataset)).hex(),
            "eb62f85e541fd0eb008fd748bf8b61790316e76a35e20295f8010b6fe08896b9");
}

TEST(Glyphs, AnExampleDependsOnSeedAndIndexAlone) {
  const Dataset few = draw(5, 3);
  const Dataset many = draw(5, 9);
  EXPECT_EQ(example_digest(few, 2), example_digest(many, 2));
  EXPECT_NE(example_digest(many, 2), example_digest(many, 3));
}

TEST(Glyphs, OtherSeedsShareNoImage) {
  EXPECT_FALSE(shared_image(draw(1, 2000), draw(2, 2000)).has_value());
}

TEST(Glyphs, HaveTenClassesOfAboutEqualSize) {
  const std::vector<std::uint64_t> counts = class_counts(draw(3, 5000));
  ASSERT_EQ(counts.size(), 10U);
  for (const std::uint64_t count : counts) {
    EXPECT_GT(count, 400U);
    EXPECT_LT(count, 600U);
  }
}

TEST(Glyphs, HaveInkOnAnEmptyGround) {
  const Dataset dataset = draw(4, 200);
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    int inked = 0;
    for (const std::uint8_t pixel : dataset.image(i)) inked += pixel > 100 ? 1 : 0;
    EXPECT_GT(inked, 15) << "example " << i;
    EXPECT_LT(inked, 450) << "example " << i;
  }
}

TEST(Glyphs, RefuseAModelOfAnotherShapeOrOtherClasses) {
  EXPECT_EQ(draw_glyphs(1, 5, {3, 28, 28}, 10).error().kind, base::ErrorKind::usage);
  EXPECT_EQ(draw_glyphs(1, 5, kShape, 9).error().kind, base::ErrorKind::usage);
  EXPECT_EQ(draw_glyphs(1, 0, kShape, 10).error().kind, base::ErrorKind::usage);
}

TEST(GlyphRaster, CoversPixelsByDistanceFromTheLine) {
  std::vector<std::uint8_t> pixels(25, 0);
  const std::int32_t middle = 2 * kRasterUnit + kRasterUnit / 2;
  const RasterPoint line[] = {{0, middle}, {5 * kRasterUnit, middle}};
  draw_line(line, {.half_width = kRasterUnit, .darkness = 200}, 5, pixels);
  for (std::size_t column = 0; column < 5; ++column) {
    EXPECT_EQ(pixels[0 * 5 + column], 0);    // two pixels away
    EXPECT_EQ(pixels[1 * 5 + column], 100);  // one pixel away: half covered
    EXPECT_EQ(pixels[2 * 5 + column], 200);
  }
}

TEST(GlyphRaster, DrawsOnlyInsideTheImage) {
  std::vector<std::uint8_t> pixels(16, 0);
  const RasterPoint outside[] = {{-5000, -5000}, {9000, -4000}, {9000, 9000}};
  draw_line(outside, {.half_width = kRasterUnit, .darkness = 255}, 4, pixels);
  EXPECT_EQ(pixels, std::vector<std::uint8_t>(16, 0));
}

}  // namespace
}  // namespace heirloom::data

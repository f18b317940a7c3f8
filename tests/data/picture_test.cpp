#include "core/data/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/picture_samples.h"

namespace heirloom::data {
namespace {

using base::ErrorKind;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using Pixels = std::vector<std::uint8_t>;

constexpr jobs::InputShape kGrey{1, 2, 3};
constexpr jobs::InputShape kColour{3, 2, 3};

const Pixels kRamp = {0, 1, 2, 100, 254, 255};
const Pixels kColours = {255, 0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 9, 10, 11, 12, 13, 14};

base::Result<Pixels> read(const std::string& bytes, const jobs::InputShape& shape = kGrey) {
  return read_picture({"cat.png", bytes}, shape);
}

Pixels pixels(const std::string& bytes, const jobs::InputShape& shape = kGrey) {
  const auto found = read(bytes, shape);
  EXPECT_TRUE(found.has_value()) << (found ? "" : found.error().text());
  return found.value_or(Pixels{});
}

void expect_refused(const std::string& bytes, ErrorKind kind, const std::string& words,
                    const jobs::InputShape& shape = kGrey) {
  const auto found = read(bytes, shape);
  ASSERT_FALSE(found.has_value()) << words;
  EXPECT_EQ(found.error().kind, kind) << found.error().text();
  EXPECT_THAT(found.error().message, AllOf(HasSubstr("cat.png"), HasSubstr(words)));
}

void with_palette(png_structp png, png_infop info) {
  const png_color colours[] = {{10, 20, 30}, {40, 50, 60}, {7, 7, 7}};
  png_set_PLTE(png, info, colours, 3);
}

TEST(Png, GreyIsReadAsItIs) {
  EXPECT_EQ(pixels(png_file({}, kRamp)), kRamp);
  EXPECT_EQ(pixels(png_file({.interlace = PNG_INTERLACE_ADAM7}, kRamp)), kRamp);
}

TEST(Png, AGammaChunkChangesNoPixel) {
  const auto gamma = [](png_structp png, png_infop info) { png_set_gAMA(png, info, 1.0); };
  EXPECT_EQ(pixels(png_file({.extras = gamma}, kRamp)), kRamp);
}

TEST(Png, ColoursBecomePlanes) {
  EXPECT_EQ(pixels(png_file({.color = PNG_COLOR_TYPE_RGB}, kColours), kColour),
            (Pixels{255, 2, 4, 6, 9, 12, 0, 255, 5, 7, 10, 13, 1, 3, 255, 8, 11, 14}));
}

TEST(Png, APaletteIsItsColours) {
  const PngSpec spec{.color = PNG_COLOR_TYPE_PALETTE, .extras = with_palette};
  EXPECT_EQ(pixels(png_file(spec, {0, 1, 0, 1, 0, 2}), kColour),
            (Pixels{10, 40, 10, 40, 10, 7, 20, 50, 20, 50, 20, 7, 30, 60, 30, 60, 30, 7}));
}

TEST(Png, FewBitsAreSpreadOverTheWholeRange) {
  EXPECT_EQ(pixels(png_file({.depth = 1}, {0b10100000, 0b01000000})),
            (Pixels{255, 0, 255, 0, 255, 0}));
  EXPECT_EQ(pixels(png_file({.depth = 2}, {0b00011000, 0b11000000})),
            (Pixels{0, 85, 170, 255, 0, 0}));
  EXPECT_EQ(pixels(png_file({.depth = 4}, {0x01, 0x20, 0xf0, 0x00})),
            (Pixels{0, 17, 34, 255, 0, 0}));
}

TEST(Png, GreyForThreeChannelsIsThreeTimesTheSame) {
  Pixels thrice;
  for (std::size_t i = 0; i < 18; ++i) thrice.push_back(kRamp[i % 6]);
  EXPECT_EQ(pixels(png_file({}, kRamp), kColour), thrice);
}

TEST(Png, ColoursForOneChannelAreReadOnlyIfTheyAreGrey) {
  Pixels grey;
  for (std::size_t i = 0; i < 18; ++i) grey.push_back(kRamp[i / 3]);
  EXPECT_EQ(pixels(png_file({.color = PNG_COLOR_TYPE_RGB}, grey)), kRamp);
  grey[3 * 4 + 2] ^= 1;  // the blue of row 1, column 1
  expect_refused(png_file({.color = PNG_COLOR_TYPE_RGB}, grey), ErrorKind::unsupported,
                 "row 1, column 1");
}

TEST(Png, AnotherSizeIsRefusedWithBothSizes) {
  expect_refused(png_file({}, kRamp), ErrorKind::bad_data,
                 "3 pixels wide and 2 high, but the model takes 2 by 3", {1, 3, 2});
}

TEST(Png, AHugeSizeIsRefusedBeforeAnythingIsDecoded) {
  const std::string huge = png_file({.width = 100000, .height = 1, .depth = 1}, Pixels(12500));
  expect_refused(huge, ErrorKind::bad_data, "100000 pixels wide");
  std::string beyond = png_file({}, kRamp);
  beyond.replace(16, 4, "\x7f\xff\xff\xff");  // the checksum of the header is wrong now, too
  expect_refused(beyond, ErrorKind::bad_data, "damaged PNG");
}

TEST(Png, TransparencyAndSixteenBitsAreRefused) {
  expect_refused(png_file({.color = PNG_COLOR_TYPE_GRAY_ALPHA}, Pixels(12, 9)),
                 ErrorKind::unsupported, "transparency");
  expect_refused(png_file({.color = PNG_COLOR_TYPE_RGB_ALPHA}, Pixels(24, 9)),
                 ErrorKind::unsupported, "transparency");
  const PngSpec see_through{.color = PNG_COLOR_TYPE_PALETTE,
                            .extras = [](png_structp png, png_infop info) {
                              with_palette(png, info);
                              const png_byte alpha[] = {255, 0};
                              png_set_tRNS(png, info, alpha, 2, nullptr);
                            }};
  expect_refused(png_file(see_through, Pixels(6)), ErrorKind::unsupported, "transparency");
  expect_refused(png_file({.depth = 16}, Pixels(12)), ErrorKind::unsupported, "16 bits");
}

TEST(Png, OfAnyLengthButTheWholeIsRefused) {
  const std::string whole = png_file({.color = PNG_COLOR_TYPE_RGB}, kColours);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(read(whole.substr(0, length), kColour).has_value()) << length;
  }
}

TEST(Png, AFlippedBitIsNeverAnotherPicture) {
  const std::string whole = png_file({}, kRamp);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      const auto found = read(damaged);
      EXPECT_TRUE(!found || *found == kRamp) << i << " " << bit;
    }
  }
}

TEST(Jpeg, GreyOfOneValueIsExact) {
  const Pixels flat(6, 120);
  EXPECT_EQ(pixels(jpeg_file(3, 2, JCS_GRAYSCALE, 1, flat)), flat);
  EXPECT_EQ(pixels(jpeg_file(3, 2, JCS_GRAYSCALE, 1, flat, /*progressive=*/true)), flat);
  EXPECT_THAT(pixels(jpeg_file(3, 2, JCS_GRAYSCALE, 1, flat), kColour), Each(120));
}

TEST(Jpeg, ColoursComeInTheirPlanes) {
  const Pixels red = {250, 10, 20, 250, 10, 20, 250, 10, 20, 250, 10, 20, 250, 10, 20, 250, 10, 20};
  const Pixels found = pixels(jpeg_file(3, 2, JCS_RGB, 3, red), kColour);
  ASSERT_EQ(found.size(), 18U);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(found[i], 250, 4);
    EXPECT_NEAR(found[6 + i], 10, 4);
    EXPECT_NEAR(found[12 + i], 20, 4);
  }
  expect_refused(jpeg_file(3, 2, JCS_RGB, 3, red), ErrorKind::unsupported, "has colours");
}

TEST(Jpeg, PrintColoursAndAnotherSizeAreRefused) {
  expect_refused(jpeg_file(3, 2, JCS_CMYK, 4, Pixels(24, 9)), ErrorKind::unsupported, "CMYK",
                 kColour);
  expect_refused(jpeg_file(2, 3, JCS_GRAYSCALE, 1, Pixels(6, 9)), ErrorKind::bad_data,
                 "2 pixels wide and 3 high, but the model takes 3 by 2");
  // 65500 is the most that the format can say.
  expect_refused(jpeg_file(65500, 1, JCS_GRAYSCALE, 1, Pixels(65500)), ErrorKind::bad_data,
                 "65500 pixels wide");
}

TEST(Jpeg, CutShortIsRefusedAndNotPaintedGrey) {
  Pixels noise(16 * 16);
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<std::uint8_t>(i * 83);
  const jobs::InputShape shape{1, 16, 16};
  const std::string whole = jpeg_file(16, 16, JCS_GRAYSCALE, 1, noise);
  ASSERT_TRUE(read(whole, shape).has_value());
  for (std::size_t length = 0; length + 2 < whole.size(); ++length) {
    EXPECT_FALSE(read(whole.substr(0, length), shape).has_value()) << length;
  }
}

TEST(Jpeg, AnyFlippedBitIsReadOrRefusedAndNeverMore) {
  const std::string whole = jpeg_file(3, 2, JCS_RGB, 3, Pixels(kColours), /*progressive=*/true);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      const auto found = read(damaged, kColour);
      EXPECT_TRUE(!found || found->size() == 18U) << i << " " << bit;
    }
  }
}

TEST(Jpeg, OfThousandsOfScansIsRefused) {
  const std::string whole = jpeg_file(3, 2, JCS_GRAYSCALE, 1, Pixels(6, 9), /*progressive=*/true);
  const std::size_t last_scan = whole.rfind("\xff\xda");
  const std::string scan = whole.substr(last_scan, whole.size() - 2 - last_scan);
  std::string bomb = whole.substr(0, last_scan);
  for (int i = 0; i < 5000; ++i) bomb += scan;
  bomb += "\xff\xd9";
  expect_refused(bomb, ErrorKind::bad_data, "damaged JPEG");
}

TEST(Picture, OfAnotherKindIsRefused) {
  expect_refused("GIF89a...", ErrorKind::bad_data, "neither a PNG nor a JPEG");
  expect_refused("", ErrorKind::bad_data, "neither a PNG nor a JPEG");
  expect_refused(png_file({}, kRamp), ErrorKind::unsupported, "the model takes 2", {2, 2, 3});
}

}  // namespace
}  // namespace heirloom::data

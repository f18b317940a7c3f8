#include "core/data/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/idx_samples.h"

namespace heirloom::data {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr jobs::InputShape kShape{1, 2, 3};

base::Result<Dataset> parse(const std::string& images, const std::string& labels,
                            const jobs::InputShape& shape = kShape, std::int64_t classes = 10) {
  return parse_idx({"im", images}, {"la", labels}, shape, classes);
}

// The words of the error, which must be bad_data.
std::string error_of(const base::Result<Dataset>& parsed) {
  if (parsed) return "no error";
  EXPECT_EQ(parsed.error().kind, base::ErrorKind::bad_data);
  return parsed.error().message;
}

TEST(Idx, ReadsImagesAndLabels) {
  const auto parsed = parse(idx_images(2), idx_labels({7, 9}));
  ASSERT_TRUE(parsed.has_value()) << parsed.error().text();
  EXPECT_EQ(parsed->size(), 2U);
  EXPECT_EQ(parsed->labels, (std::vector<std::uint16_t>{7, 9}));
  EXPECT_EQ(parsed->image(1)[0], 6);
  EXPECT_EQ(parsed->image(1)[5], 11);
}

TEST(Idx, ReadsGzipFilesAlike) {
  const auto plain = parse(idx_images(2), idx_labels({7, 9}));
  const auto packed = parse(gzip(idx_images(2)), gzip(idx_labels({7, 9})));
  ASSERT_TRUE(packed.has_value()) << packed.error().text();
  EXPECT_EQ(packed->pixels, plain->pixels);
  EXPECT_EQ(packed->labels, plain->labels);
}

TEST(Idx, ReadsGzipFilesOfSeveralMembers) {
  const std::string images = idx_images(2);
  const auto packed =
      parse(gzip(images.substr(0, 20)) + gzip(images.substr(20)), idx_labels({7, 9}));
  ASSERT_TRUE(packed.has_value()) << packed.error().text();
}

TEST(Idx, ReadsImagesOfSeveralChannels) {
  std::string images =
      big_endian(0x804) + big_endian(1) + big_endian(3) + big_endian(1) + big_endian(2) + "abcdef";
  const auto parsed = parse(images, idx_labels({0}), {3, 1, 2});
  ASSERT_TRUE(parsed.has_value()) << parsed.error().text();
  EXPECT_EQ(parsed->image(0)[2], 'c');
}

TEST(Idx, NamesTheFileAndTheByteWhereAShortFileEnds) {
  const std::string images = idx_images(2);
  EXPECT_THAT(error_of(parse(images.substr(0, 10), idx_labels({7, 9}))),
              AllOf(HasSubstr("im:"), HasSubstr("byte 10")));
  EXPECT_THAT(error_of(parse(images.substr(0, 27), idx_labels({7, 9}))),
              AllOf(HasSubstr("im:"), HasSubstr("1 of the 2"), HasSubstr("byte 27")));
  EXPECT_THAT(error_of(parse(images, idx_labels({7, 9}).substr(0, 9))),
              AllOf(HasSubstr("la:"), HasSubstr("byte 9")));
  EXPECT_THAT(error_of(parse("", "")), AllOf(HasSubstr("im:"), HasSubstr("byte 0")));
}

TEST(Idx, RefusesAWrongMagicNumber) {
  EXPECT_THAT(error_of(parse(idx_labels({7, 9}), idx_labels({7, 9}))),
              AllOf(HasSubstr("im:"), HasSubstr("00000801"), HasSubstr("byte 0")));
  EXPECT_THAT(error_of(parse(idx_images(2), idx_images(2))),
              AllOf(HasSubstr("la:"), HasSubstr("00000803"), HasSubstr("byte 0")));
}

TEST(Idx, RefusesTrailingBytes) {
  EXPECT_THAT(error_of(parse(idx_images(2) + "xy", idx_labels({7, 9}))),
              AllOf(HasSubstr("im:"), HasSubstr("2 bytes follow"), HasSubstr("byte 28")));
  EXPECT_THAT(error_of(parse(idx_images(2), idx_labels({7, 9}) + "x")),
              AllOf(HasSubstr("la:"), HasSubstr("byte 10")));
}

TEST(Idx, RefusesCountsThatDiffer) {
  EXPECT_THAT(error_of(parse(idx_images(2), idx_labels({7, 9, 1}))),
              AllOf(HasSubstr("la:"), HasSubstr("3 labels"), HasSubstr("2 images")));
}

TEST(Idx, RefusesALabelThatIsNoClass) {
  EXPECT_THAT(error_of(parse(idx_images(2), idx_labels({7, 10}))),
              AllOf(HasSubstr("la:"), HasSubstr("label 10 of example 1"), HasSubstr("byte 9")));
  EXPECT_TRUE(parse(idx_images(2), idx_labels({7, 10}), kShape, 11).has_value());
}

TEST(Idx, RefusesImagesOfAnotherShape) {
  EXPECT_THAT(error_of(parse(idx_images(2), idx_labels({7, 9}), {1, 3, 2})),
              AllOf(HasSubstr("[1, 2, 3]"), HasSubstr("[1, 3, 2]"), HasSubstr("byte 8")));
}

TEST(Idx, RefusesAHeaderThatPromisesMoreThanMemory) {
  std::string images = idx_images(1);
  images.replace(4, 4, "\xff\xff\xff\xff");
  EXPECT_THAT(error_of(parse(images, idx_labels({7}))), HasSubstr("4294967295"));
}

TEST(Idx, ReadsImagesWithoutTheirLabels) {
  const auto found = parse_idx_images({"im", gzip(idx_images(2))}, kShape);
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_EQ(*found, parse(idx_images(2), idx_labels({7, 9}))->pixels);
  EXPECT_FALSE(parse_idx_images({"im", idx_images(2) + "x"}, kShape).has_value());
  EXPECT_FALSE(parse_idx_images({"im", idx_labels({7, 9})}, kShape).has_value());
}

TEST(Idx, RefusesDamagedAndShortGzipFiles) {
  const std::string packed = gzip(idx_images(200));
  EXPECT_THAT(error_of(parse(packed.substr(0, packed.size() / 2), idx_labels({7}))),
              AllOf(HasSubstr("im:"), HasSubstr("cut short")));
  std::string damaged = packed;
  damaged[packed.size() - 6] ^= 1;  // in the checksum
  EXPECT_THAT(error_of(parse(damaged, idx_labels({7}))), HasSubstr("damaged"));
  EXPECT_THAT(error_of(parse(packed + "junk", idx_labels({7}))), HasSubstr("after the end"));
}

}  // namespace
}  // namespace heirloom::data

#include "core/data/image_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/idx_samples.h"
#include "tests/data/picture_samples.h"

namespace heirloom::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr jobs::InputShape kShape{1, 2, 3};

std::string error_of(const std::string& bytes, const ImageRange& range) {
  const auto found = read_image_file({"f", bytes}, range, kShape);
  return found ? "no error" : found.error().message;
}

TEST(ImageFile, APictureIsOneImage) {
  const auto found = read_image_file({"a.png", png_file({}, {1, 2, 3, 4, 5, 6})}, {}, kShape);
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_THAT(found->names, ElementsAre("a.png"));
  EXPECT_THAT(found->pixels, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(ImageFile, AnIdxFileIsAllItsImagesOrThoseAskedFor) {
  for (const std::string& bytes : {idx_images(4), gzip(idx_images(4))}) {
    const auto all = read_image_file({"f", bytes}, {}, kShape);
    ASSERT_TRUE(all.has_value()) << all.error().text();
    EXPECT_THAT(all->names, ElementsAre("f#0", "f#1", "f#2", "f#3"));
    const auto some = read_image_file({"f", bytes}, {1, 2}, kShape);
    ASSERT_TRUE(some.has_value()) << some.error().text();
    EXPECT_THAT(some->names, ElementsAre("f#1", "f#2"));
    EXPECT_THAT(some->pixels, ElementsAre(6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17));
  }
}

TEST(ImageFile, ARangeMustBeThere) {
  EXPECT_EQ(error_of(idx_images(4), {3, 1}), "no error");
  EXPECT_THAT(error_of(idx_images(4), {3, 2}), HasSubstr("0 to 3, not 3 to 4"));
  EXPECT_THAT(error_of(idx_images(4), {4, 1}), HasSubstr("0 to 3, not 4 to 4"));
  EXPECT_THAT(error_of(png_file({}, {1, 2, 3, 4, 5, 6}), {1, 1}), HasSubstr("0 to 0, not 1 to 1"));
  EXPECT_THAT(error_of(idx_images(0), {}), HasSubstr("empty"));
}

TEST(ImageFile, AnythingElseIsRefused) {
  EXPECT_THAT(error_of("hello", {}), HasSubstr("f is no PNG, JPEG or IDX file"));
  EXPECT_THAT(error_of(idx_labels({1}), {}), HasSubstr("magic number"));
  EXPECT_THAT(error_of(gzip("hello, world"), {}), HasSubstr("magic number"));
}

}  // namespace
}  // namespace heirloom::data

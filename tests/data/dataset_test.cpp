#include "core/data/dataset.h"
#include "core/jobs/data_part.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace heirloom::data {
namespace {

// Examples of one row of two pixels.
Dataset small(std::vector<std::uint8_t> pixels, std::vector<std::uint16_t> labels) {
  return {
      .shape = {1, 1, 2}, .classes = 3, .pixels = std::move(pixels), .labels = std::move(labels)};
}

TEST(Dataset, ExampleDigestsCoverPixelsLabelAndShape) {
  const Dataset a = small({1, 2}, {0});
  EXPECT_EQ(example_digest(a, 0), example_digest(small({1, 2}, {0}), 0));
  EXPECT_NE(example_digest(a, 0), example_digest(small({1, 3}, {0}), 0));
  EXPECT_NE(example_digest(a, 0), example_digest(small({1, 2}, {1}), 0));
  Dataset tall = a;
  tall.shape = {1, 2, 1};
  EXPECT_NE(example_digest(a, 0), example_digest(tall, 0));
}

TEST(Dataset, PartDigestsSeeTheOrderAndHoldoutIdsDoNot) {
  const auto ab = example_digests(small({1, 2, 3, 4}, {0, 1}));
  const auto ba = example_digests(small({3, 4, 1, 2}, {1, 0}));
  EXPECT_NE(part_digest(ab), part_digest(ba));
  EXPECT_EQ(jobs::holdout_id(ab), jobs::holdout_id(ba));
  EXPECT_NE(jobs::holdout_id(ab), jobs::holdout_id({ab[0]}));
}

TEST(Dataset, FindsASharedImageWhateverItsLabel) {
  const Dataset train = small({1, 2, 3, 4, 5, 6}, {0, 1, 2});
  EXPECT_FALSE(shared_image(train, small({7, 8, 2, 1}, {0, 1})).has_value());
  const auto shared = shared_image(train, small({7, 8, 5, 6}, {0, 1}));
  ASSERT_TRUE(shared.has_value());
  EXPECT_EQ(*shared, (std::pair<std::size_t, std::size_t>(2, 1)));
}

TEST(Dataset, CountsClasses) {
  EXPECT_EQ(class_counts(small({1, 2, 3, 4, 5, 6}, {2, 0, 2})),
            (std::vector<std::uint64_t>{1, 0, 2}));
}

}  // namespace
}  // namespace heirloom::data

#include "core/train/augment.h"

#include <array>
#include <map>
#include <set>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/arch/runtime.h"
#include "core/train/batch.h"
#include "tests/train/tasks.h"

namespace heirloom::train {
namespace {

using jobs::Augment;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Placement> drawn(Augment augment, std::size_t count, std::string_view seed = "seed") {
  base::PhiloxWords words(base::sha256(seed));
  return draw_placements(augment, count, words);
}

// The value of a pixel is its float.
std::vector<float> placed(const std::vector<std::uint8_t>& image, const jobs::InputShape& shape,
                          const Placement& placement) {
  std::array<float, 256> values{};
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  std::vector<float> out(image.size(), -1.0F);
  place(image, shape, placement, values, out.data());
  return out;
}

constexpr jobs::InputShape kTwoByThree{1, 2, 3};
const std::vector<std::uint8_t> kImage = {1, 2, 3,  //
                                          4, 5, 6};

TEST(Augment, LeavesAnImageThatIsNotMoved) {
  EXPECT_THAT(placed(kImage, kTwoByThree, {}), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Augment, MovesAnImageAndLetsBlackIn) {
  EXPECT_THAT(placed(kImage, kTwoByThree, {.down = 0, .right = 1}), ElementsAre(2, 3, 0, 5, 6, 0));
  EXPECT_THAT(placed(kImage, kTwoByThree, {.down = 0, .right = -2}), ElementsAre(0, 0, 1, 0, 0, 4));
  EXPECT_THAT(placed(kImage, kTwoByThree, {.down = 1}), ElementsAre(4, 5, 6, 0, 0, 0));
  EXPECT_THAT(placed(kImage, kTwoByThree, {.down = -1, .right = 1}), ElementsAre(0, 0, 0, 2, 3, 0));
  EXPECT_THAT(placed(kImage, kTwoByThree, {.down = 4}), testing::Each(0));
}

TEST(Augment, MirrorsAnImageAfterItWasMoved) {
  EXPECT_THAT(placed(kImage, kTwoByThree, {.mirrored = true}), ElementsAre(3, 2, 1, 6, 5, 4));
  EXPECT_THAT(placed(kImage, kTwoByThree, {.down = 1, .right = 1, .mirrored = true}),
              ElementsAre(0, 6, 5, 0, 0, 0));
}

TEST(Augment, MovesAllChannelsOfAPixelTogether) {
  // Planes in, channels-last out.
  EXPECT_THAT(placed({1, 2, 11, 12, 21, 22}, {3, 1, 2}, {.right = 1}),
              ElementsAre(2, 12, 22, 0, 0, 0));
}

TEST(Augment, DrawsEveryPlaceAndFollowsFromTheSeed) {
  EXPECT_THAT(drawn(Augment::none, 5), IsEmpty());
  const auto crops = drawn(Augment::crop, 4000);
  std::set<std::pair<int, int>> places;
  for (const Placement& crop : crops) {
    EXPECT_FALSE(crop.mirrored);
    places.emplace(crop.down, crop.right);
  }
  EXPECT_EQ(places.size(), 81U);
  EXPECT_EQ(*places.begin(), std::pair(-4, -4));
  EXPECT_EQ(*places.rbegin(), std::pair(4, 4));
  std::map<bool, int> mirrored;
  for (const Placement& placement : drawn(Augment::crop_flip, 4000)) ++mirrored[placement.mirrored];
  // Half of 4,000, within five standard deviations.
  EXPECT_NEAR(mirrored[true], 2000, 160);
  EXPECT_EQ(drawn(Augment::crop, 4000), crops);
  EXPECT_NE(drawn(Augment::crop, 4000, "other"), crops);
}

TEST(Augment, FollowsFromSeedAndStepAlone) {
  const auto of = [](std::uint64_t seed, std::int64_t step) {
    return StepRandomness(seed, step, base::Sigma(0.5)).placements(Augment::crop_flip, 64);
  };
  EXPECT_EQ(of(1, 2), of(1, 2));
  EXPECT_NE(of(1, 2), of(1, 3));
  EXPECT_NE(of(1, 2), of(2, 2));
}

TEST(Augment, ABatchHasTheSameImagesOnAnyNumberOfThreads) {
  const data::Dataset& dataset = glyphs(80);
  std::vector<std::uint32_t> indices(80);
  for (std::uint32_t i = 0; i < 80; ++i) indices[i] = 79 - i;
  const StepRandomness randomness(1, 2, base::Sigma(0.5));
  const auto placements = randomness.placements(Augment::crop_flip, 80);
  arch::use_threads(1);
  const Batch alone = make_batch(dataset, indices, placements);
  arch::use_threads(2);
  const Batch together = make_batch(dataset, indices, placements);
  EXPECT_TRUE(torch::equal(alone.images, together.images));
  EXPECT_TRUE(torch::equal(alone.labels, together.labels));
  const Batch plain = make_batch(dataset, indices);
  EXPECT_TRUE(torch::equal(plain.labels, together.labels));
  EXPECT_FALSE(torch::equal(plain.images, together.images));
  // Row 7 is image 72 placed by the seventh draw.
  std::vector<float> row(784);
  std::array<float, 256> values{};
  for (std::size_t i = 0; i < 256; ++i) values[i] = static_cast<float>(i) / 255.0F;
  place(dataset.image(72), kShape, placements[7], values, row.data());
  EXPECT_TRUE(torch::equal(together.images[7].flatten(), torch::tensor(row)));
}

TEST(Augment, TheNoiseIsThatOfAStepWithoutIt) {
  const StepRandomness randomness(1, 2, base::Sigma(0.5));
  const torch::Tensor before = randomness.noise(4, kShape);
  static_cast<void>(randomness.placements(Augment::crop_flip, 4));
  EXPECT_TRUE(torch::equal(randomness.noise(4, kShape), before));
}

}  // namespace
}  // namespace heirloom::train

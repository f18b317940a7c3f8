#include "core/smooth/ball.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "core/smooth/noisy_input.h"

namespace heirloom::smooth {
namespace {

std::vector<float> random_image(std::mt19937& random, float low, float high) {
  std::uniform_real_distribution<float> uniform(low, high);
  std::vector<float> image(784);
  for (float& value : image) value = uniform(random);
  return image;
}

std::vector<float> grid_image(std::mt19937& random) {
  std::vector<std::uint8_t> pixels(784);
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random() % 256);
  return pixel_values(pixels);
}

bool in_cube(const std::vector<float>& image) {
  return std::all_of(image.begin(), image.end(),
                     [](float value) { return value >= 0.0F && value <= 1.0F; });
}

TEST(Ball, AStepHasItsLengthAndTheDirectionsSign) {
  std::vector<float> image = {0.5F, 0.5F, 0.5F};
  step_along(std::vector<float>{3.0F, 0.0F, -4.0F}, 0.1, image);
  EXPECT_NEAR(image[0], 0.56, 1e-6);
  EXPECT_NEAR(image[1], 0.5, 1e-6);
  EXPECT_NEAR(image[2], 0.42, 1e-6);
}

TEST(Ball, AStepAlongNothingStaysAndATinySlopeIsAsGoodAsALargeOne) {
  std::vector<float> image = {0.5F, 0.5F};
  step_along(std::vector<float>{0.0F, 0.0F}, 0.1, image);
  EXPECT_EQ(image, (std::vector<float>{0.5F, 0.5F}));
  step_along(std::vector<float>{1e-30F, 0.0F}, 0.1, image);
  EXPECT_NEAR(image[0], 0.6, 1e-6);
}

TEST(Ball, ProjectionEndsInTheBallAndTheCube) {
  std::mt19937 random(1);
  for (const double radius : {1e-6, 1e-3, 0.5, 3.0, 100.0}) {
    const std::vector<float> centre = grid_image(random);
    std::vector<float> image = random_image(random, -2.0F, 3.0F);
    project({centre, radius}, image);
    EXPECT_LE(l2_distance(image, centre), radius);
    EXPECT_TRUE(in_cube(image));
  }
}

TEST(Ball, ProjectionReachesTheSphereAndLeavesTheInsideAlone) {
  const std::vector<float> centre(784, 0.5F);
  std::mt19937 random(2);
  std::vector<float> image = random_image(random, 0.0F, 1.0F);
  project({centre, 0.5}, image);
  EXPECT_NEAR(l2_distance(image, centre), 0.5, 1e-5);
  const std::vector<float> before = image;
  project({centre, 0.6}, image);
  EXPECT_EQ(image, before);
}

TEST(Ball, RoundingEndsOnTheGridInsideTheBall) {
  std::mt19937 random(3);
  for (const double radius : {0.004, 0.05, 0.3, 0.5, 2.0}) {
    const std::vector<float> centre = grid_image(random);
    std::vector<float> image = random_image(random, -2.0F, 3.0F);
    project({centre, radius}, image);
    const std::vector<float> before = image;
    round_to_grid({centre, radius}, image);
    EXPECT_LE(l2_distance(image, centre), radius);
    EXPECT_TRUE(in_cube(image));
    for (std::size_t i = 0; i < image.size(); ++i) {
      const auto pixel = static_cast<std::uint8_t>(std::lround(255.0 * image[i]));
      EXPECT_EQ(image[i], pixel_value(pixel));
      EXPECT_LT(std::abs(image[i] - before[i]), 1.001 / 255.0);
    }
  }
}

// Cutting every value off would lose half a step of each of them.
TEST(Ball, RoundingKeepsNearlyAllOfTheDistance) {
  std::mt19937 random(4);
  const std::vector<float> centre = grid_image(random);
  std::vector<float> image = random_image(random, 0.0F, 1.0F);
  project({centre, 0.5}, image);
  round_to_grid({centre, 0.5}, image);
  EXPECT_GT(l2_distance(image, centre), 0.49);
}

}  // namespace
}  // namespace heirloom::smooth

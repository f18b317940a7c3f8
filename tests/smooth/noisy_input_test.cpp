#include "core/smooth/noisy_input.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace heirloom::smooth {
namespace {

TEST(NoisyInput, AddsScaledNoiseToPixelsWithoutClamping) {
  const jobs::InputShape shape{2, 1, 3};
  const base::NormalStream stream(base::sha256("noise"));
  const std::array<std::uint8_t, 6> image{0, 255, 51, 102, 1, 254};
  std::array<float, 6> noise{};
  std::array<float, 6> scratch{};
  std::array<float, 6> out{};
  stream.fill(5, noise);
  add_noise(pixel_values(image), shape, base::Sigma(2.0), stream, 5, scratch, out);
  // Channels last: pixel i of channel c is at 2 i + c; the noise is in [C, H, W] order.
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t i = 0; i < 3; ++i) {
      const std::size_t from = 3 * c + i;
      EXPECT_EQ(out[2 * i + c], static_cast<float>(image[from]) / 255.0F + 2.0F * noise[from]);
    }
  }
}

TEST(NoisyInput, TheNoiseAloneIsTheNoiseThatIsAdded) {
  const jobs::InputShape shape{3, 4, 5};
  const base::NormalStream stream(base::sha256("noise"));
  const std::vector<std::uint8_t> black(60, 0);
  std::vector<float> scratch(60);
  std::vector<float> added(60);
  std::vector<float> alone(60);
  add_noise(pixel_values(black), shape, base::Sigma(0.5), stream, 2, scratch, added);
  noise_only(shape, base::Sigma(0.5), stream, 2, scratch, alone);
  EXPECT_EQ(added, alone);
}

TEST(NoisyInput, APixelIsItsShareOf255) {
  EXPECT_EQ(pixel_value(0), 0.0F);
  EXPECT_EQ(pixel_value(51), 0.2F);
  EXPECT_EQ(pixel_value(255), 1.0F);
}

}  // namespace
}  // namespace heirloom::smooth

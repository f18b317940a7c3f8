#include "core/smooth/noisy_input.h"

#include <array>
#include <cstddef>

namespace heirloom::smooth {
namespace {

std::array<float, 256> make_pixel_table() {
  std::array<float, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<float>(i) / 255.0F;
  return table;
}

const std::array<float, 256>& pixel_table() {
  static const std::array<float, 256> table = make_pixel_table();
  return table;
}

}  // namespace

float pixel_value(std::uint8_t pixel) {
  return pixel_table()[pixel];
}

std::vector<float> pixel_values(std::span<const std::uint8_t> pixels) {
  std::vector<float> values;
  values.reserve(pixels.size());
  for (const std::uint8_t pixel : pixels) values.push_back(pixel_value(pixel));
  return values;
}

void add_noise(std::span<const float> image, const jobs::InputShape& shape, base::Sigma sigma,
               const base::NormalStream& stream, std::uint32_t sample, std::span<float> scratch,
               std::span<float> out) {
  stream.fill(sample, scratch);
  const auto scale = static_cast<float>(sigma.value());
  const auto channels = static_cast<std::size_t>(shape.channels);
  const auto area = static_cast<std::size_t>(shape.height * shape.width);
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < area; ++i) {
      const std::size_t from = c * area + i;
      out[i * channels + c] = image[from] + scale * scratch[from];
    }
  }
}

void noise_only(const jobs::InputShape& shape, base::Sigma sigma, const base::NormalStream& stream,
                std::uint32_t sample, std::span<float> scratch, std::span<float> out) {
  stream.fill(sample, scratch);
  const auto scale = static_cast<float>(sigma.value());
  const auto channels = static_cast<std::size_t>(shape.channels);
  const auto area = static_cast<std::size_t>(shape.height * shape.width);
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < area; ++i) {
      out[i * channels + c] = scale * scratch[c * area + i];
    }
  }
}

}  // namespace heirloom::smooth

#include "bench/shifts.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/normal_stream.h"
#include "core/base/philox.h"

namespace heirloom::bench {
namespace {

std::uint8_t to_pixel(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

// From -1 to 1.
double either_way(base::PhiloxWords& words) {
  return 2.0 * static_cast<double>(words.unit()) - 1.0;
}

// Of a grey picture, 0 outside of it.
class Picture {
 public:
  Picture(std::span<const std::uint8_t> pixels, const jobs::InputShape& shape)
      : pixels_(pixels), height_(shape.height), width_(shape.width) {}

  double between(double row, double column) const {
    const double top = std::floor(row);
    const double left = std::floor(column);
    const double down = row - top;
    const double right = column - left;
    return (1 - down) * ((1 - right) * at(top, left) + right * at(top, left + 1)) +
           down * ((1 - right) * at(top + 1, left) + right * at(top + 1, left + 1));
  }

 private:
  double at(double row, double column) const {
    const auto r = static_cast<std::int64_t>(row);
    const auto c = static_cast<std::int64_t>(column);
    if (r < 0 || c < 0 || r >= height_ || c >= width_) return 0.0;
    return static_cast<double>(pixels_[static_cast<std::size_t>(r * width_ + c)]);
  }

  std::span<const std::uint8_t> pixels_;
  std::int64_t height_;
  std::int64_t width_;
};

// Rotated, moved, zoomed and sheared about its middle, by bilinear interpolation.
void transform(std::span<std::uint8_t> pixels, const jobs::InputShape& shape, const Shift& shift,
               base::PhiloxWords& words) {
  const std::vector<std::uint8_t> before(pixels.begin(), pixels.end());
  const Picture picture(before, shape);
  const double angle = either_way(words) * shift.amount * std::numbers::pi / 180.0;
  const double down = either_way(words) * shift.move * static_cast<double>(shape.height);
  const double right = either_way(words) * shift.move * static_cast<double>(shape.width);
  const double scale = 1.0 + either_way(words) * shift.zoom;
  const double shear = either_way(words) * shift.zoom;
  const double middle_row = static_cast<double>(shape.height - 1) / 2.0;
  const double middle_column = static_cast<double>(shape.width - 1) / 2.0;
  std::size_t place = 0;
  for (std::int64_t r = 0; r < shape.height; ++r) {
    for (std::int64_t c = 0; c < shape.width; ++c) {
      const double y = (static_cast<double>(r) - middle_row - down) / scale;
      const double x = (static_cast<double>(c) - middle_column - right) / scale + shear * y;
      const double row = std::cos(angle) * y - std::sin(angle) * x + middle_row;
      const double column = std::sin(angle) * y + std::cos(angle) * x + middle_column;
      pixels[place++] = to_pixel(picture.between(row, column));
    }
  }
}

}  // namespace

const std::vector<Shift>& shifts() {
  static const std::vector<Shift> kShifts = {{"noise_small", ShiftKind::noise, 1.0},
                                             {"noise_medium", ShiftKind::noise, 10.0},
                                             {"noise_large", ShiftKind::noise, 100.0},
                                             {"affine_small", ShiftKind::affine, 10.0, 0.05, 0.1},
                                             {"affine_medium", ShiftKind::affine, 40.0, 0.2, 0.2},
                                             {"affine_large", ShiftKind::affine, 90.0, 0.4, 0.3},
                                             {"brightness_small", ShiftKind::brightness, 25.0},
                                             {"brightness_medium", ShiftKind::brightness, 64.0},
                                             {"brightness_large", ShiftKind::brightness, 128.0},
                                             {"knockout_small", ShiftKind::knockout, 0.1},
                                             {"knockout_medium", ShiftKind::knockout, 0.5},
                                             {"knockout_large", ShiftKind::knockout, 1.0}};
  return kShifts;
}

data::Dataset shifted(const data::Dataset& images, const Shift& shift, const base::Digest& seed) {
  data::Dataset out = images;
  const auto numel = static_cast<std::size_t>(images.shape.numel());
  const base::NormalStream noise(seed);
  base::PhiloxWords words(seed);
  std::vector<float> draws(numel);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::span<std::uint8_t> pixels(out.pixels.data() + i * numel, numel);
    if (shift.kind == ShiftKind::affine) {
      transform(pixels, images.shape, shift, words);
      continue;
    }
    if (shift.kind == ShiftKind::noise) noise.fill(static_cast<std::uint32_t>(i), draws);
    for (std::size_t p = 0; p < numel; ++p) {
      const double change =
          shift.amount * (shift.kind == ShiftKind::noise ? static_cast<double>(draws[p]) : 1.0);
      if (shift.kind != ShiftKind::knockout) pixels[p] = to_pixel(pixels[p] + change);
    }
  }
  return out;
}

std::vector<std::uint32_t> thinned(const data::Dataset& images,
                                   const std::vector<std::uint32_t>& examples, double share,
                                   const base::Digest& seed) {
  base::PhiloxWords words(seed);
  std::vector<std::uint32_t> out;
  for (const std::uint32_t index : examples) {
    const bool gone = images.labels[index] == 0 && static_cast<double>(words.unit()) < share;
    if (!gone) out.push_back(index);
  }
  return out;
}

}  // namespace heirloom::bench

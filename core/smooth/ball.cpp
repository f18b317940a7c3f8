#include "core/smooth/ball.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace heirloom::smooth {
namespace {

float of_255ths(double count) {
  return static_cast<float>(count) / 255.0F;
}

}  // namespace

double l2_distance(std::span<const float> x, std::span<const float> y) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double difference = static_cast<double>(x[i]) - static_cast<double>(y[i]);
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

void step_along(std::span<const float> direction, double length, std::span<float> image) {
  double squares = 0.0;
  for (const float value : direction) squares += static_cast<double>(value) * value;
  if (!(squares > 0.0)) return;
  const double scale = length / std::sqrt(squares);
  for (std::size_t i = 0; i < image.size(); ++i) {
    image[i] = static_cast<float>(image[i] + scale * direction[i]);
  }
}

void project(const Ball& ball, std::span<float> image) {
  // The centre is in the cube too, so that a step towards it stays there.
  for (float& value : image) value = std::clamp(value, 0.0F, 1.0F);
  const std::vector<float> outside(image.begin(), image.end());
  const double distance = l2_distance(outside, ball.centre);
  if (distance <= ball.radius) return;
  double scale = ball.radius / distance;
  // Rounding to float32 may leave a sliver outside.
  for (;; scale *= 1.0 - 1e-6) {
    for (std::size_t i = 0; i < image.size(); ++i) {
      const double centre = ball.centre[i];
      image[i] = static_cast<float>(centre + scale * (outside[i] - centre));
    }
    if (l2_distance(image, ball.centre) <= ball.radius) return;
    if (scale < 1e-3) break;  // a radius below the spacing of float32
  }
  std::copy(ball.centre.begin(), ball.centre.end(), image.begin());
}

void round_to_grid(const Ball& ball, std::span<float> image) {
  // How far each value was moved away from the centre, in 255ths, and where.
  std::vector<std::pair<double, std::size_t>> outward;
  for (std::size_t i = 0; i < image.size(); ++i) {
    const double exact = 255.0 * image[i];
    const double nearest = std::round(exact);
    const double centre = std::round(255.0 * ball.centre[i]);
    const double moved = std::abs(nearest - centre) - std::abs(exact - centre);
    if (moved > 0.0 && nearest != centre) outward.emplace_back(moved, i);
    image[i] = of_255ths(nearest);
  }
  std::sort(outward.begin(), outward.end(), std::greater<>());
  for (const auto& [moved, i] : outward) {
    if (l2_distance(image, ball.centre) <= ball.radius) return;
    const double now = std::round(255.0 * image[i]);
    const double centre = std::round(255.0 * ball.centre[i]);
    image[i] = of_255ths(now + (centre > now ? 1.0 : -1.0));
  }
}

}  // namespace heirloom::smooth

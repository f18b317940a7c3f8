// The images that a certificate speaks of: those within an l2 radius of an image, inside the unit
// cube. Images are float32 in any one order of their values.
#pragma once

#include <span>

namespace heirloom::smooth {

struct Ball {
  std::span<const float> centre;  // not owned; inside the cube
  double radius = 0.0;
};

double l2_distance(std::span<const float> x, std::span<const float> y);

// image += length * direction / |direction|; a direction of zeros leaves it where it is.
void step_along(std::span<const float> direction, double length, std::span<float> image);

// Into the cube, then towards the centre until l2_distance says that it is inside.
void project(const Ball& ball, std::span<float> image);

// An image in the ball to whole 255ths, the nearest ones where the ball allows it and else those
// on the centre's side. The centre has whole 255ths.
void round_to_grid(const Ball& ball, std::span<float> image);

}  // namespace heirloom::smooth

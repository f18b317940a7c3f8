// The ten figures of the glyphs set, as strokes.
#pragma once

#include <cstdint>
#include <vector>

namespace heirloom::data {

// x to the right, y down, the figure within [-100, 100].
struct FigurePoint {
  std::int32_t x = 0;
  std::int32_t y = 0;
};
using Stroke = std::vector<FigurePoint>;  // a polyline

// `label` is 0-9: ring, bar, triangle, square, plus, two bars, Z, L, arrow, figure eight.
const std::vector<Stroke>& figure(std::int64_t label);

}  // namespace heirloom::data

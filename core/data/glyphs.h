// `glyphs`: ten classes of stroke figures, 28x28 grey, drawn from a seed. A stand-in for MNIST that
// needs no download. Integer arithmetic only, so every machine draws the same pixels.
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/data/dataset.h"

namespace heirloom::data {

inline constexpr std::int64_t kGlyphClasses = 10;
inline constexpr std::int64_t kGlyphSide = 28;
inline constexpr std::uint64_t kMaxGlyphs = 10'000'000;

// Example i is a function of (seed, i): its class is drawn uniformly, its figure is turned,
// sheared, scaled and moved, its corners are jittered and its pen changes width and darkness.
// Errors (usage): a model that is not 1x28x28 with ten classes, a count out of range.
base::Result<Dataset> draw_glyphs(std::uint64_t seed, std::uint64_t count,
                                  const jobs::InputShape& shape, std::int64_t classes);

}  // namespace heirloom::data

// What can happen to data: the generators of shifts of Rabanser et al. (2019), and brightness.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/data/dataset.h"

namespace heirloom::bench {

enum class ShiftKind { noise, affine, brightness, knockout };

struct Shift {
  std::string_view name;  // "noise_large"
  ShiftKind kind = ShiftKind::noise;
  // noise: standard deviation in 255ths. affine: rotation in degrees, up to. brightness: added, in
  // 255ths. knockout: the share of class 0 that is gone.
  double amount = 0.0;
  double move = 0.0;  // affine: share of the picture's side, up to
  double zoom = 0.0;  // affine: share of the size, up to; shear likewise
};

// Small, medium and large of each kind.
const std::vector<Shift>& shifts();

// The images that `shift` makes of these, each changed by its own chance; labels stay. A knockout
// changes no image: see thinned().
data::Dataset shifted(const data::Dataset& images, const Shift& shift, const base::Digest& seed);

// `examples` without that share of class 0.
std::vector<std::uint32_t> thinned(const data::Dataset& images,
                                   const std::vector<std::uint32_t>& examples, double share,
                                   const base::Digest& seed);

}  // namespace heirloom::bench

// Rows of CIFAR files in memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/jobs/model_spec.h"

namespace heirloom::data {

inline constexpr jobs::InputShape kCifarShape{3, 32, 32};

// Red, green and blue planes of one value each: `value`, `value` + 1, `value` + 2; the very first
// pixel is 255.
inline std::string cifar_pixels(std::uint8_t value) {
  std::string out;
  for (std::uint8_t plane = 0; plane < 3; ++plane) {
    out.append(1024, static_cast<char>(value + plane));
  }
  out[0] = '\xff';
  return out;
}

// A row with these labels: {label} of CIFAR-10, {coarse, fine} of CIFAR-100.
inline std::string cifar_row(const std::vector<std::uint8_t>& labels, std::uint8_t value) {
  return std::string(labels.begin(), labels.end()) + cifar_pixels(value);
}

}  // namespace heirloom::data

// One image plus one draw of noise, as the network sees it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/normal_stream.h"
#include "core/base/strong.h"
#include "core/jobs/model_spec.h"

namespace heirloom::smooth {

// The float32 value of a pixel: p / 255, rounded once.
float pixel_value(std::uint8_t pixel);

// pixel_value of each.
std::vector<float> pixel_values(std::span<const std::uint8_t> pixels);

// out = image + sigma * (sample `sample` of `stream`), in float32 without clamping. `image` is in
// [C, H, W] order, and so are the elements of the noise; `out` is in channels-last order [H, W, C].
// All three have shape.numel() floats, and so has `scratch`.
void add_noise(std::span<const float> image, const jobs::InputShape& shape, base::Sigma sigma,
               const base::NormalStream& stream, std::uint32_t sample, std::span<float> scratch,
               std::span<float> out);

// The noise alone: sigma times the sample, in channels-last order.
void noise_only(const jobs::InputShape& shape, base::Sigma sigma, const base::NormalStream& stream,
                std::uint32_t sample, std::span<float> scratch, std::span<float> out);

}  // namespace heirloom::smooth

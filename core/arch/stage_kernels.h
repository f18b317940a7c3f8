// Convolution of one channel by 5x5 kernels, max-pool 2 and ReLU as one pass over an image, and its
// gradients. LibTorch's convolution is made for many channels: on one it takes five to twenty times
// as long, more than the rest of LeNet together. No LibTorch in this header.
//
// An image is float32 [H, W]; outputs are [h, w, C] with h = (H - 4) / 2, w = (W - 4) / 2. For each
// output the winner is kept: 0 to 3 is the place in its 2x2 window (row by row) whose value it has,
// 4 means that ReLU cut it off. Thread-safe: nothing here has a state.
#pragma once

#include <cstdint>
#include <vector>

namespace heirloom::arch {

struct StageShape {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 0;  // C

  std::int64_t pooled_height() const { return (height - 4) / 2; }
  std::int64_t pooled_width() const { return (width - 4) / 2; }
  std::int64_t outputs() const { return pooled_height() * pooled_width() * channels; }
};

// Whether this processor (AVX2 and FMA) and these channels (at most 32) are served.
bool stage_supported(std::int64_t channels);

// Weights [C, 1, 5, 5] and biases [C], laid out for the kernels.
struct StageWeights {
  StageWeights(const StageShape& shape, const float* weight, const float* bias);

  std::vector<float> by_tap;     // [25, C padded to eights]
  std::vector<float> bias;       // [C padded to eights]
  std::vector<float> by_winner;  // [C, 5 winners, 6 rows, 8]: the taps where that winner saw them
};

void stage_forward(const StageShape& shape, const StageWeights& weights, const float* image,
                   float* out, std::uint8_t* winners);

// What the gradient of the outputs makes of the image's: [H, W], overwritten.
void stage_image_gradient(const StageShape& shape, const StageWeights& weights,
                          const float* gradient, const std::uint8_t* winners, float* out);

// Adds one image's share to the gradients of weights [C, 25] and biases [C].
void stage_weight_gradient(const StageShape& shape, const float* image, const float* gradient,
                           const std::uint8_t* winners, float* weight, float* bias);

}  // namespace heirloom::arch

#include "core/arch/stage_kernels.h"

#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace heirloom::arch {
namespace {

constexpr std::int64_t kSide = 5;   // of a kernel
constexpr std::int64_t kReach = 6;  // rows and columns that one output depends on
constexpr std::int64_t kLanes = 8;
constexpr std::int64_t kMargin = 8;  // vectors may run over the end of a row
constexpr std::int64_t kWinners = 5;
constexpr std::uint8_t kCutOff = 4;
constexpr std::int64_t kMaxGroups = 4;

std::int64_t groups_of(std::int64_t channels) {
  return (channels + kLanes - 1) / kLanes;
}

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

// The outputs of one window for every channel. Twelve sums for three groups fill the registers.
template <int G>
__attribute__((target("avx2,fma"))) void forward_window(const StageShape& shape,
                                                        const StageWeights& weights, const float* x,
                                                        float* out, int* winners) {
  __m256 sums[4][G];
  for (int g = 0; g < G; ++g) {
    for (auto& sum : sums) sum[g] = _mm256_loadu_ps(weights.bias.data() + kLanes * g);
  }
  const float* taps = weights.by_tap.data();
  for (std::int64_t row = 0; row < kSide; ++row) {
    for (std::int64_t column = 0; column < kSide; ++column) {
      const float* at = x + row * shape.width + column;
      for (int place = 0; place < 4; ++place) {
        const __m256 value = _mm256_broadcast_ss(at + (place >> 1) * shape.width + (place & 1));
        for (int g = 0; g < G; ++g) {
          sums[place][g] =
              _mm256_fmadd_ps(value, _mm256_loadu_ps(taps + kLanes * g), sums[place][g]);
        }
      }
      taps += kLanes * G;
    }
  }
  for (int g = 0; g < G; ++g) {
    __m256 best = sums[0][g];
    __m256 winner = _mm256_setzero_ps();
    for (int place = 1; place < 4; ++place) {
      const __m256 larger = _mm256_cmp_ps(sums[place][g], best, _CMP_GT_OQ);
      best = _mm256_blendv_ps(best, sums[place][g], larger);
      winner = _mm256_blendv_ps(winner, _mm256_set1_ps(static_cast<float>(place)), larger);
    }
    // Not "at most 0", so that what is no number stays none.
    const __m256 kept = _mm256_cmp_ps(best, _mm256_setzero_ps(), _CMP_NLE_UQ);
    _mm256_storeu_ps(out + kLanes * g, _mm256_and_ps(best, kept));
    winner = _mm256_blendv_ps(_mm256_set1_ps(kCutOff), winner, kept);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(winners + kLanes * g),
                        _mm256_cvttps_epi32(winner));
  }
}

template <int G>
void forward(const StageShape& shape, const StageWeights& weights, const float* image, float* out,
             std::uint8_t* winners) {
  float values[kLanes * G];
  int places[kLanes * G];
  for (std::int64_t y = 0; y < shape.pooled_height(); ++y) {
    for (std::int64_t x = 0; x < shape.pooled_width(); ++x) {
      forward_window<G>(shape, weights, image + 2 * y * shape.width + 2 * x, values, places);
      std::copy_n(values, shape.channels, out);
      std::transform(places, places + shape.channels, winners,
                     [](int place) { return static_cast<std::uint8_t>(place); });
      out += shape.channels;
      winners += shape.channels;
    }
  }
}

// Adds one window's share to the rows of the padded image gradient at `out`.
__attribute__((target("avx2,fma"))) void image_gradient_window(std::int64_t channels,
                                                               const float* by_winner,
                                                               const float* gradient,
                                                               const std::uint8_t* winners,
                                                               float* out, std::int64_t stride) {
  __m256 rows[kReach];
  for (__m256& row : rows) row = _mm256_setzero_ps();
  for (std::int64_t c = 0; c < channels; ++c) {
    const float* taps = by_winner + (c * kWinners + winners[c]) * kReach * kLanes;
    const __m256 value = _mm256_broadcast_ss(gradient + c);
    for (std::int64_t r = 0; r < kReach; ++r) {
      rows[r] = _mm256_fmadd_ps(value, _mm256_loadu_ps(taps + kLanes * r), rows[r]);
    }
  }
  for (std::int64_t r = 0; r < kReach; ++r) {
    float* at = out + r * stride;
    _mm256_storeu_ps(at, _mm256_add_ps(_mm256_loadu_ps(at), rows[r]));
  }
}

// One channel's taps, summed over the windows of a padded image.
__attribute__((target("avx2,fma"))) void weight_gradient_channel(
    const StageShape& shape, const float* padded, std::int64_t stride, const float* gradient,
    const std::uint8_t* winners, float* weight, float* bias) {
  const std::int64_t offsets[kWinners] = {0, 1, stride, stride + 1, 0};
  const float passes[kWinners] = {1, 1, 1, 1, 0};
  __m256 rows[kSide];
  for (__m256& row : rows) row = _mm256_setzero_ps();
  float total = 0.0F;
  for (std::int64_t y = 0; y < shape.pooled_height(); ++y) {
    for (std::int64_t x = 0; x < shape.pooled_width(); ++x) {
      const float value = *gradient * passes[*winners];
      const float* at = padded + 2 * y * stride + 2 * x + offsets[*winners];
      total += value;
      const __m256 factor = _mm256_set1_ps(value);
      for (std::int64_t r = 0; r < kSide; ++r) {
        rows[r] = _mm256_fmadd_ps(factor, _mm256_loadu_ps(at + r * stride), rows[r]);
      }
      gradient += shape.channels;
      winners += shape.channels;
    }
  }
  for (std::int64_t r = 0; r < kSide; ++r) {
    float lanes[kLanes];
    _mm256_storeu_ps(lanes, rows[r]);
    for (std::int64_t i = 0; i < kSide; ++i) weight[r * kSide + i] += lanes[i];
  }
  *bias += total;
}

}  // namespace

bool stage_supported(std::int64_t channels) {
  return channels >= 1 && groups_of(channels) <= kMaxGroups &&
         __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
}

StageWeights::StageWeights(const StageShape& shape, const float* weight, const float* biases) {
  const std::int64_t padded = groups_of(shape.channels) * kLanes;
  by_tap.assign(size(kSide * kSide * padded), 0.0F);
  bias.assign(size(padded), 0.0F);
  by_winner.assign(size(shape.channels * kWinners * kReach * kLanes), 0.0F);
  for (std::int64_t c = 0; c < shape.channels; ++c) {
    bias[size(c)] = biases[c];
    for (std::int64_t row = 0; row < kSide; ++row) {
      for (std::int64_t column = 0; column < kSide; ++column) {
        const float tap = weight[(c * kSide + row) * kSide + column];
        by_tap[size((row * kSide + column) * padded + c)] = tap;
        for (std::int64_t place = 0; place < 4; ++place) {
          const std::int64_t r = row + (place >> 1);
          const std::int64_t lane = column + (place & 1);
          by_winner[size(((c * kWinners + place) * kReach + r) * kLanes + lane)] = tap;
        }
      }
    }
  }
}

void stage_forward(const StageShape& shape, const StageWeights& weights, const float* image,
                   float* out, std::uint8_t* winners) {
  switch (groups_of(shape.channels)) {
    case 1:
      return forward<1>(shape, weights, image, out, winners);
    case 2:
      return forward<2>(shape, weights, image, out, winners);
    case 3:
      return forward<3>(shape, weights, image, out, winners);
    default:
      return forward<4>(shape, weights, image, out, winners);
  }
}

void stage_image_gradient(const StageShape& shape, const StageWeights& weights,
                          const float* gradient, const std::uint8_t* winners, float* out) {
  const std::int64_t stride = shape.width + kMargin;
  std::vector<float> padded(size(shape.height * stride), 0.0F);
  for (std::int64_t y = 0; y < shape.pooled_height(); ++y) {
    for (std::int64_t x = 0; x < shape.pooled_width(); ++x) {
      image_gradient_window(shape.channels, weights.by_winner.data(), gradient, winners,
                            padded.data() + 2 * y * stride + 2 * x, stride);
      gradient += shape.channels;
      winners += shape.channels;
    }
  }
  for (std::int64_t y = 0; y < shape.height; ++y) {
    std::copy_n(padded.data() + y * stride, shape.width, out + y * shape.width);
  }
}

void stage_weight_gradient(const StageShape& shape, const float* image, const float* gradient,
                           const std::uint8_t* winners, float* weight, float* bias) {
  const std::int64_t stride = shape.width + kMargin;
  std::vector<float> padded(size(shape.height * stride), 0.0F);
  for (std::int64_t y = 0; y < shape.height; ++y) {
    std::copy_n(image + y * shape.width, shape.width, padded.data() + y * stride);
  }
  for (std::int64_t c = 0; c < shape.channels; ++c) {
    weight_gradient_channel(shape, padded.data(), stride, gradient + c, winners + c,
                            weight + c * kSide * kSide, bias + c);
  }
}

}  // namespace heirloom::arch

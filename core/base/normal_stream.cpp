// Compiled with -O3 -ffp-contract=off -fno-math-errno: each loop over lanes becomes vector code,
// and no multiplication is fused with an addition on one instruction set but not on another.
#include "core/base/normal_stream.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "core/base/philox.h"

namespace heirloom::base {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kTile = 4 * kLanes;

using Words = std::uint32_t[kLanes];
using Floats = float[kLanes];

#define HEIRLOOM_INLINE inline __attribute__((always_inline))

struct Block {
  alignas(64) Words word[4];
};

// Philox4x32-10 of core/base/philox.h on sixteen consecutive counters.
HEIRLOOM_INLINE void philox_lanes(const std::uint32_t* seed, std::uint32_t first_block,
                                  std::uint32_t sample, Block& out) {
  for (std::size_t i = 0; i < kLanes; ++i) {
    out.word[0][i] = first_block + static_cast<std::uint32_t>(i);
    out.word[1][i] = sample;
    out.word[2][i] = seed[2];
    out.word[3][i] = seed[3];
  }
  std::uint32_t key0 = seed[0];
  std::uint32_t key1 = seed[1];
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::uint64_t product0 = std::uint64_t{0xD2511F53} * out.word[0][i];
      const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * out.word[2][i];
      out.word[0][i] = static_cast<std::uint32_t>(product1 >> 32) ^ out.word[1][i] ^ key0;
      out.word[1][i] = static_cast<std::uint32_t>(product1);
      out.word[2][i] = static_cast<std::uint32_t>(product0 >> 32) ^ out.word[3][i] ^ key1;
      out.word[3][i] = static_cast<std::uint32_t>(product0);
    }
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
}

// ln x for normal x in (0, 1]. x = 2^e m with m in [sqrt(1/2), sqrt(2)); the polynomial in m - 1
// is that of Cephes logf (relative error about 1e-7).
HEIRLOOM_INLINE float natural_log(float x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t shifted = bits - 0x3f3504f3U;  // the bits of sqrt(1/2)
  const auto exponent = static_cast<float>(static_cast<std::int32_t>(shifted) >> 23);
  const float m = std::bit_cast<float>((shifted & 0x007fffffU) + 0x3f3504f3U) - 1.0F;
  const float square = m * m;
  float p = 7.0376836292e-2F;
  p = p * m + -1.1514610310e-1F;
  p = p * m + 1.1676998740e-1F;
  p = p * m + -1.2420140846e-1F;
  p = p * m + 1.4249322787e-1F;
  p = p * m + -1.6668057665e-1F;
  p = p * m + 2.0000714765e-1F;
  p = p * m + -2.4999993993e-1F;
  p = p * m + 3.3333331174e-1F;
  float y = p * m * square;
  y = y + exponent * -2.12194440e-4F;  // ln 2 in two parts
  y = y + square * -0.5F;
  return (m + y) + exponent * 0.693359375F;
}

// sqrt(-2 ln u), u = (k + 1/2) / 2^31 for the upper 31 bits k of `word`.
HEIRLOOM_INLINE float radius_of(std::uint32_t word) {
  const auto k = static_cast<float>(static_cast<std::int32_t>(word >> 1));
  return std::sqrt(-2.0F * natural_log((k + 0.5F) * 0x1p-31F));
}

struct Pair {
  float first;
  float second;
};

// radius times (cos, sin) of an angle: the top two bits of `word` choose the quarter turn, the
// other thirty the angle within [-pi/4, pi/4) about its middle.
HEIRLOOM_INLINE Pair point_at(float radius, std::uint32_t word) {
  const auto fraction = static_cast<float>(static_cast<std::int32_t>(word << 2));
  const float x = fraction * (1.57079632679F * 0x1p-32F);
  const float z = x * x;
  float s = -1.9515295891e-4F;
  s = s * z + 8.3321608736e-3F;
  s = s * z + -1.6666654611e-1F;
  s = s * z * x + x;
  float c = 2.443315711809948e-5F;
  c = c * z + -1.388731625493765e-3F;
  c = c * z + 4.166664568298827e-2F;
  c = c * z * z - 0.5F * z + 1.0F;
  // Quarter turns exchange the two and change signs: masks, not branches.
  const std::uint32_t quarter = word >> 30;
  const std::uint32_t exchange = 0U - (quarter & 1U);
  const auto s_bits = std::bit_cast<std::uint32_t>(s);
  const auto c_bits = std::bit_cast<std::uint32_t>(c);
  const std::uint32_t cos_bits = (c_bits & ~exchange) | (s_bits & exchange);
  const std::uint32_t sin_bits = (s_bits & ~exchange) | (c_bits & exchange);
  const std::uint32_t cos_sign = ((quarter + 1U) & 2U) << 30;
  const std::uint32_t sin_sign = (quarter & 2U) << 30;
  return {radius * std::bit_cast<float>(cos_bits ^ cos_sign),
          radius * std::bit_cast<float>(sin_bits ^ sin_sign)};
}

HEIRLOOM_INLINE void box_muller(const Words& radius_word, const Words& angle_word, float* first,
                                float* second) {
  for (std::size_t i = 0; i < kLanes; ++i) {
    const Pair pair = point_at(radius_of(radius_word[i]), angle_word[i]);
    first[i] = pair.first;
    second[i] = pair.second;
  }
}

HEIRLOOM_INLINE void fill_tiles(const std::uint32_t* seed, std::uint32_t sample, float* out,
                                std::size_t count) {
  alignas(64) float tile[kTile];
  Block block;
  std::uint32_t first_block = 0;
  while (count > 0) {
    philox_lanes(seed, first_block, sample, block);
    box_muller(block.word[0], block.word[1], tile, tile + kLanes);
    box_muller(block.word[2], block.word[3], tile + 2 * kLanes, tile + 3 * kLanes);
    const std::size_t used = count < kTile ? count : kTile;
    std::memcpy(out, tile, used * sizeof(float));
    out += used;
    count -= used;
    first_block += static_cast<std::uint32_t>(kLanes);
  }
}

void fill_baseline(const std::uint32_t* seed, std::uint32_t sample, float* out, std::size_t count) {
  fill_tiles(seed, sample, out, count);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void fill_avx2(const std::uint32_t* seed, std::uint32_t sample,
                                               float* out, std::size_t count) {
  fill_tiles(seed, sample, out, count);
}

__attribute__((target("avx512f,avx512dq,prefer-vector-width=512"))) void fill_avx512(
    const std::uint32_t* seed, std::uint32_t sample, float* out, std::size_t count) {
  fill_tiles(seed, sample, out, count);
}
#endif

using Fill = void (*)(const std::uint32_t*, std::uint32_t, float*, std::size_t);

Fill fill_for(NormalStream::Isa isa) {
#if defined(__x86_64__)
  if (isa == NormalStream::Isa::avx512) return &fill_avx512;
  if (isa == NormalStream::Isa::avx2) return &fill_avx2;
#endif
  return &fill_baseline;
}

Fill best_fill() {
  for (const auto isa : {NormalStream::Isa::avx512, NormalStream::Isa::avx2}) {
    if (NormalStream::supported(isa)) return fill_for(isa);
  }
  return &fill_baseline;
}

}  // namespace

NormalStream::NormalStream(const Digest& seed)
    : words_{digest_word(seed, 0), digest_word(seed, 1), digest_word(seed, 2),
             digest_word(seed, 3)} {}

void NormalStream::fill(std::uint32_t sample, std::span<float> out) const {
  static const Fill best = best_fill();
  best(words_, sample, out.data(), out.size());
}

bool NormalStream::supported(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx512) {
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0;
  }
  if (isa == Isa::avx2) return __builtin_cpu_supports("avx2") != 0;
#endif
  return isa == Isa::baseline;
}

void NormalStream::fill_with(Isa isa, std::uint32_t sample, std::span<float> out) const {
  fill_for(isa)(words_, sample, out.data(), out.size());
}

}  // namespace heirloom::base

#include "core/smooth/grid_noise.h"

#include <algorithm>
#include <cmath>

#include "core/base/philox.h"

namespace heirloom::smooth {
namespace {

constexpr unsigned kBits = 60;
constexpr unsigned kGuideBits = 12;

// 2^60 Phi(x) for x <= 0, where the lower tail keeps its relative precision.
std::uint64_t scaled_tail(long double x) {
  return static_cast<std::uint64_t>(
      std::llround(std::ldexp(0.5L * std::erfc(-x / std::sqrt(2.0L)), kBits)));
}

}  // namespace

GridNoise::GridNoise(base::Sigma sigma) {
  const auto k = std::max(1, static_cast<std::int32_t>(std::floor(6.0 * sigma.value())));
  reach_ = 255 * (k + 1);
  low_ = -255 * k;
  high_ = 255 * (k + 1);
  const auto count = static_cast<std::size_t>(2 * reach_);
  thresholds_.resize(count);
  // P(rounded noise <= i) = Phi((2 i + 1) / (510 sigma)). The upper half is the mirror of the
  // lower: threshold(-1 - i) = 2^60 - threshold(i).
  for (std::int32_t i = -reach_; i < 0; ++i) {
    const std::uint64_t below =
        scaled_tail(static_cast<long double>(2 * i + 1) / (510.0L * sigma.value()));
    thresholds_[static_cast<std::size_t>(i + reach_)] = below;
    thresholds_[static_cast<std::size_t>(-1 - i + reach_)] = (std::uint64_t{1} << kBits) - below;
  }
  guide_.resize(std::size_t{1} << kGuideBits);
  std::size_t at = 0;
  for (std::size_t i = 0; i < guide_.size(); ++i) {
    while (at < count && thresholds_[at] <= std::uint64_t{i} << (kBits - kGuideBits)) ++at;
    guide_[i] = static_cast<std::uint32_t>(at);
  }
}

std::int32_t GridNoise::inverse(std::uint64_t bits) const {
  std::size_t at = guide_[bits >> (kBits - kGuideBits)];
  while (at < thresholds_.size() && thresholds_[at] <= bits) ++at;
  return at == thresholds_.size() ? kBeyond : static_cast<std::int32_t>(at) - reach_;
}

bool GridNoise::add(std::span<const std::int32_t> image, const jobs::InputShape& shape,
                    const base::Digest& seed, std::uint32_t sample, std::span<float> out) const {
  const base::PhiloxKey key = {base::digest_word(seed, 0), base::digest_word(seed, 1)};
  base::PhiloxCounter block{};
  const auto channels = static_cast<std::size_t>(shape.channels);
  const auto area = static_cast<std::size_t>(shape.height * shape.width);
  bool whole = true;
  for (std::size_t e = 0; e < image.size(); ++e) {
    if (e % 2 == 0) {
      block = base::philox4x32_10({static_cast<std::uint32_t>(e / 2), sample,
                                   base::digest_word(seed, 2), base::digest_word(seed, 3)},
                                  key);
    }
    const std::size_t word = 2 * (e % 2);
    const std::uint64_t bits = (block[word] | std::uint64_t{block[word + 1]} << 32) >> (64 - kBits);
    const std::int32_t noise = inverse(bits);
    whole = whole && noise != kBeyond;
    const std::int32_t sum = noise == kBeyond ? high_ : std::clamp(image[e] + noise, low_, high_);
    out[(e % area) * channels + e / area] = static_cast<float>(sum) / 255.0F;
  }
  return whole;
}

}  // namespace heirloom::smooth

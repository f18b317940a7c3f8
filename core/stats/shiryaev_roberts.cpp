#include "core/stats/shiryaev_roberts.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace heirloom::stats {
namespace {

// More evidence than this is no more news, and sums must stay finite.
constexpr double kMost = 1e100;

}  // namespace

void ShiryaevRoberts::add(std::int64_t hits, std::int64_t count, double share) {
  const auto x = static_cast<double>(hits);
  const auto misses = static_cast<double>(count - hits);
  for (std::size_t i = 0; i < kFalls.size(); ++i) {
    const double fallen = share - kFalls[i];
    if (fallen <= 0.0) continue;
    const double log_ratio =
        x * std::log(fallen / share) + misses * std::log((1.0 - fallen) / (1.0 - share));
    sums_[i] = std::min(std::exp(std::min(log_ratio, std::log(kMost))) * (1.0 + sums_[i]), kMost);
  }
}

double ShiryaevRoberts::value() const {
  return std::accumulate(sums_.begin(), sums_.end(), 0.0) / static_cast<double>(sums_.size());
}

}  // namespace heirloom::stats

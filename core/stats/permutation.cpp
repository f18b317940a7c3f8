#include "core/stats/permutation.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "core/stats/two_sample.h"

namespace heirloom::stats {

MonteCarlo monte_carlo(double observed, const std::function<double()>& draw, std::uint64_t most) {
  std::uint64_t exceeded = 0;
  for (std::uint64_t draws = 1; draws <= most; ++draws) {
    if (draw() < observed) continue;
    if (++exceeded == kExceedances) {
      return {static_cast<double>(kExceedances) / static_cast<double>(draws), draws};
    }
  }
  return {static_cast<double>(exceeded + 1) / static_cast<double>(most + 1), most};
}

std::uint64_t draws_for(double level) {
  return static_cast<std::uint64_t>(std::ceil(static_cast<double>(kExceedances) / level));
}

RandomSubset::RandomSubset(std::size_t population, std::size_t size)
    : order_(population), size_(size) {
  std::iota(order_.begin(), order_.end(), 0U);
}

// The beginning of a Fisher-Yates shuffle; any order to begin with is as good as another.
std::span<const std::uint32_t> RandomSubset::draw(base::PhiloxWords& words) {
  for (std::size_t i = 0; i < size_; ++i) {
    const std::size_t j = i + words.below(static_cast<std::uint32_t>(order_.size() - i));
    std::swap(order_[i], order_[j]);
  }
  return {order_.data(), size_};
}

MonteCarlo chi_square_test(std::span<const std::uint64_t> x, std::span<const std::uint64_t> y,
                           std::uint64_t most, base::PhiloxWords& words) {
  std::vector<std::uint32_t> members;  // the class of each member of both samples
  std::vector<std::uint64_t> both(x.size());
  for (std::size_t k = 0; k < x.size(); ++k) {
    both[k] = x[k] + y[k];
    members.insert(members.end(), both[k], static_cast<std::uint32_t>(k));
  }
  const std::size_t size = std::accumulate(y.begin(), y.end(), std::size_t{0});
  RandomSubset subset(members.size(), size);
  std::vector<std::uint64_t> inside(x.size());
  std::vector<std::uint64_t> outside(x.size());
  const auto draw = [&] {
    std::fill(inside.begin(), inside.end(), 0);
    for (const std::uint32_t member : subset.draw(words)) ++inside[members[member]];
    for (std::size_t k = 0; k < inside.size(); ++k) outside[k] = both[k] - inside[k];
    return chi_square(outside, inside);
  };
  // Equal tables must count as equal, whatever the sums' last bits are.
  constexpr double kSlack = 1.0 - 1e-12;
  return monte_carlo(chi_square(x, y) * kSlack, draw, most);
}

}  // namespace heirloom::stats

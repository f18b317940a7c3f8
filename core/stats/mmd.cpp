#include "core/stats/mmd.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace heirloom::stats {
namespace {

float squared_distance(std::span<const float> a, std::span<const float> b) {
  float sum = 0.0F;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

// The kernel between all pairs of both samples, x first; the diagonal is 0, since no point is
// paired with itself.
class KernelMatrix {
 public:
  KernelMatrix(const Points& x, const Points& y) : size_(x.size() + y.size()) {
    values_.resize(size_ * size_);
    const auto point = [&](std::size_t i) { return i < x.size() ? x.row(i) : y.row(i - x.size()); };
    std::vector<float> distances;
    distances.reserve(size_ * (size_ - 1) / 2);
    for (std::size_t i = 0; i < size_; ++i) {
      for (std::size_t j = i + 1; j < size_; ++j) {
        const float distance = squared_distance(point(i), point(j));
        distances.push_back(distance);
        values_[i * size_ + j] = values_[j * size_ + i] = distance;
      }
    }
    const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
    std::nth_element(distances.begin(), middle, distances.end());
    const float scale = *middle > 0.0F ? *middle : 1.0F;
    for (float& value : values_) value = std::exp(-value / scale);
    for (std::size_t i = 0; i < size_; ++i) values_[i * size_ + i] = 0.0F;
  }

  std::size_t size() const { return size_; }
  const float* row(std::size_t i) const { return values_.data() + i * size_; }

 private:
  std::size_t size_;
  std::vector<float> values_;
};

// MMD^2 when the points of `inside` are one sample and the rest are the other. Only the pairs
// inside are added up: the others follow from the sums of whole rows.
class Statistic {
 public:
  explicit Statistic(const KernelMatrix& kernel) : kernel_(kernel), row_sums_(kernel.size()) {
    for (std::size_t i = 0; i < kernel.size(); ++i) {
      for (std::size_t j = 0; j < kernel.size(); ++j) row_sums_[i] += kernel.row(i)[j];
      total_ += row_sums_[i];
    }
  }

  double operator()(std::span<const std::uint32_t> inside) const {
    double pairs = 0.0;  // ordered pairs of two different points inside
    double rows = 0.0;   // pairs of a point inside with any
    for (const std::uint32_t i : inside) {
      const float* row = kernel_.row(i);
      float sum = 0.0F;
      for (const std::uint32_t j : inside) sum += row[j];
      pairs += static_cast<double>(sum);
      rows += row_sums_[i];
    }
    const double across = rows - pairs;
    const double outside = total_ - pairs - 2.0 * across;
    const auto n = static_cast<double>(inside.size());
    const auto m = static_cast<double>(kernel_.size()) - n;
    return pairs / (n * (n - 1.0)) + outside / (m * (m - 1.0)) - 2.0 * across / (m * n);
  }

 private:
  const KernelMatrix& kernel_;
  std::vector<double> row_sums_;
  double total_ = 0.0;
};

}  // namespace

MeanDiscrepancy mean_discrepancy(const Points& x, const Points& y, std::uint64_t most,
                                 base::PhiloxWords& words) {
  const KernelMatrix kernel(x, y);
  const Statistic statistic(kernel);
  std::vector<std::uint32_t> own(y.size());
  for (std::size_t j = 0; j < own.size(); ++j) own[j] = static_cast<std::uint32_t>(x.size() + j);
  const double observed = statistic(own);
  RandomSubset subset(kernel.size(), y.size());
  const auto draw = [&] { return statistic(subset.draw(words)); };
  // Where all points are alike every order gives the same value, but for its last bits.
  constexpr double kSlack = 1e-9;
  const MonteCarlo test = monte_carlo(observed - kSlack, draw, most);
  return {observed, test.p_value, test.draws};
}

}  // namespace heirloom::stats

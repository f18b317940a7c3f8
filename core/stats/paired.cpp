#include "core/stats/paired.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/stats/binomial.h"

namespace heirloom::stats {
namespace {

constexpr double kNuisanceShare = 1000.0;  // beta = rho / 1000
constexpr int kGridPoints = 256;
constexpr int kRefinedPeaks = 4;
constexpr int kGoldenSteps = 24;

double log_pmf(double k, double n, double p) {
  return std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) +
         (k > 0.0 ? k * std::log(p) : 0.0) + (n > k ? (n - k) * std::log1p(-p) : 0.0);
}

// The score statistic of docs/statistics.md section 4: large when the challenger is good.
double score(double b, double c, double n, double margin) {
  const double spread = margin * (1.0 - margin);
  const double linear = margin * (2.0 * n - b + c) - (b + c);
  const double g = (std::sqrt(linear * linear + 8.0 * n * c * spread) - linear) / (4.0 * n);
  return (n * margin - (b - c)) / std::sqrt(n * (2.0 * std::max(0.0, g) + spread));
}

// The outcomes at least as favourable to the challenger as what was seen: for each b', the
// smallest such c. It rises with b'.
class Region {
 public:
  Region(std::int64_t b, std::int64_t c, std::int64_t n, double margin) : n_(n), margin_(margin) {
    const double seen = score(as_double(b), as_double(c), as_double(n), margin);
    // The seen outcome itself and its ties belong to the region whatever the rounding.
    floor_ = seen - 1e-9 * (1.0 + std::abs(seen));
  }

  // c_min(b') for b' = 0 ... last; above n - b' where no c is favourable enough.
  std::vector<std::int64_t> smallest_c(std::int64_t last) const {
    std::vector<std::int64_t> result;
    result.reserve(static_cast<std::size_t>(last + 1));
    std::int64_t c = 0;
    for (std::int64_t b = 0; b <= last; ++b) {
      while (c <= n_ - b && score(as_double(b), as_double(c), as_double(n_), margin_) < floor_) {
        ++c;
      }
      result.push_back(c);
    }
    return result;
  }

 private:
  static double as_double(std::int64_t value) { return static_cast<double>(value); }

  std::int64_t n_;
  double margin_;
  double floor_;
};

// Twelve standard deviations and forty: by Bernstein's inequality less than 1e-20 lies beyond.
double reach(double n, double p) {
  return 12.0 * std::sqrt(n * p * (1.0 - p)) + 40.0;
}

// P(region) when p_c = g and p_b = g + margin.
//
// Sums over b' from the highest down. Then one trial is gained and c_min never rises, so that the
// inner tail only grows, by terms that are all positive: no cancellation at any level.
class RegionProbability {
 public:
  RegionProbability(const std::vector<std::int64_t>& smallest_c, std::int64_t n, double margin)
      : smallest_c_(smallest_c), n_(n), margin_(margin) {}

  double operator()(double g) const {
    const double p_b = g + margin_;
    const double size = static_cast<double>(n_);
    const auto highest = static_cast<std::int64_t>(smallest_c_.size()) - 1;
    const double width = reach(size, p_b);
    const std::int64_t last =
        std::min(highest, static_cast<std::int64_t>(std::ceil(size * p_b + width)));
    const std::int64_t first =
        std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(size * p_b - width)));
    const double q = std::min(1.0, g / (1.0 - p_b));
    double weight = std::exp(log_pmf(static_cast<double>(last), size, p_b));
    Tail tail(n_ - last, smallest_c_[static_cast<std::size_t>(last)], q);
    double sum = weight * tail.value();
    for (std::int64_t b = last - 1; b >= first; --b) {
      weight *= static_cast<double>(b + 1) * (1.0 - p_b) / (static_cast<double>(n_ - b) * p_b);
      tail.move_to(n_ - b, smallest_c_[static_cast<std::size_t>(b)]);
      sum += weight * tail.value();
    }
    return sum;
  }

 private:
  // P(Bin(trials, q) >= c), moved along by single steps.
  class Tail {
   public:
    Tail(std::int64_t trials, std::int64_t c, double q) : trials_(trials), c_(c), q_(q) {
      value_ = binomial_at_least(c, trials, q);
      reset_pmf();
    }

    double value() const { return std::min(1.0, value_); }

    void move_to(std::int64_t trials, std::int64_t c) {
      if (q_ <= 0.0 || q_ >= 1.0) {
        value_ = binomial_at_least(c, trials, q_);
        return;
      }
      while (trials_ < trials) add_trial();
      while (c_ > c) lower_c();
    }

   private:
    // pmf_ is P(Bin(trials, q) = c - 1), the term that both moves add.
    void reset_pmf() {
      pmf_ = c_ >= 1 && c_ - 1 <= trials_ && q_ > 0.0 && q_ < 1.0
                 ? std::exp(log_pmf(static_cast<double>(c_ - 1), static_cast<double>(trials_), q_))
                 : 0.0;
    }

    // P(Bin(N + 1, q) >= c) = P(Bin(N, q) >= c) + q P(Bin(N, q) = c - 1)
    void add_trial() {
      value_ += q_ * pmf_;
      ++trials_;
      const double missing = static_cast<double>(trials_ - (c_ - 1));
      if (pmf_ == 0.0 || missing <= 0.0) {
        reset_pmf();
      } else {
        pmf_ *= static_cast<double>(trials_) * (1.0 - q_) / missing;
      }
    }

    void lower_c() {
      value_ += pmf_;
      --c_;
      if (pmf_ == 0.0 || c_ < 1) {
        reset_pmf();
      } else {
        pmf_ *= static_cast<double>(c_) * (1.0 - q_) / (static_cast<double>(trials_ - c_ + 1) * q_);
      }
    }

    std::int64_t trials_;
    std::int64_t c_;
    double q_;
    double value_ = 0.0;
    double pmf_ = 0.0;
  };

  const std::vector<std::int64_t>& smallest_c_;
  std::int64_t n_;
  double margin_;
};

// The largest value of f within [low, high], by golden section.
template <typename F>
double golden_maximum(const F& f, double low, double high) {
  constexpr double kRatio = 0.6180339887498949;
  double left = high - kRatio * (high - low);
  double right = low + kRatio * (high - low);
  double f_left = f(left);
  double f_right = f(right);
  double best = std::max(f_left, f_right);
  for (int i = 0; i < kGoldenSteps; ++i) {
    if (f_left > f_right) {
      high = right;
      right = left;
      f_right = f_left;
      left = high - kRatio * (high - low);
      f_left = f(left);
    } else {
      low = left;
      left = right;
      f_left = f_right;
      right = low + kRatio * (high - low);
      f_right = f(right);
    }
    best = std::max({best, f_left, f_right});
  }
  return best;
}

// The largest value of f on [low, high]: a grid, then golden section about its highest points.
template <typename F>
double grid_maximum(const F& f, double low, double high) {
  if (!(high > low)) return f(low);
  const double step = (high - low) / (kGridPoints - 1);
  std::vector<std::pair<double, double>> values;  // (f(g), g)
  for (int i = 0; i < kGridPoints; ++i) {
    const double g = i + 1 == kGridPoints ? high : low + step * i;
    values.emplace_back(f(g), g);
  }
  std::partial_sort(values.begin(), values.begin() + kRefinedPeaks, values.end(),
                    [](const auto& x, const auto& y) { return x.first > y.first; });
  double best = values.front().first;
  for (int i = 0; i < kRefinedPeaks; ++i) {
    const double g = values[static_cast<std::size_t>(i)].second;
    best = std::max(best, golden_maximum(f, std::max(low, g - step), std::min(high, g + step)));
  }
  return best;
}

}  // namespace

double non_inferiority_p_value(std::int64_t b, std::int64_t c, std::int64_t n, double margin,
                               double rho) {
  const bool sensible = n > 0 && b >= 0 && c >= 0 && b <= n && c <= n - b && margin > 0.0 &&
                        margin < 1.0 && rho > 0.0 && rho < 1.0;
  if (!sensible) return 1.0;
  const double beta = rho / kNuisanceShare;
  const double disagree_low = clopper_pearson_lower(b + c, n, beta / 2.0);
  const double disagree_high = clopper_pearson_upper(b + c, n, beta / 2.0);
  // Under the null hypothesis the two disagree at least as often as `margin`.
  if (disagree_high < margin) return beta;
  const double low = std::max(0.0, (disagree_low - margin) / 2.0);
  const double high = (disagree_high - margin) / 2.0;

  const double size = static_cast<double>(n);
  const double highest_b = size * (high + margin) + reach(size, high + margin);
  const std::int64_t last = std::min(n, static_cast<std::int64_t>(std::ceil(highest_b)));
  const std::vector<std::int64_t> smallest_c = Region(b, c, n, margin).smallest_c(last);
  const RegionProbability probability(smallest_c, n, margin);
  return std::min(1.0, beta + grid_maximum(probability, low, high));
}

double paired_difference_lower(std::int64_t b, std::int64_t c, std::int64_t n, double rho) {
  const auto passes = [&](double margin) {
    return non_inferiority_p_value(b, c, n, margin, rho) <= rho;
  };
  double failing = 0.0;
  double passing = 1.0;  // a difference is never below -1
  while (passing - failing > 1e-6) {
    const double margin = 0.5 * (failing + passing);
    (passes(margin) ? passing : failing) = margin;
  }
  return -passing;
}

}  // namespace heirloom::stats

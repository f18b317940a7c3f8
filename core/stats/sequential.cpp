#include "core/stats/sequential.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "core/stats/binomial.h"

namespace heirloom::stats {
namespace {

constexpr double kPrior = 0.5;  // Beta(1/2, 1/2), as in the Krichevsky-Trofimov estimator
// Share of ln t! that is taken off each logarithm: what its sums of lgamma may be wrong by.
constexpr double kRoundingShare = 1e-15;

double log_beta(double a, double b) {
  return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
}

// ln of  integral over the alternative of p^H (1-p)^(t-H) dPrior / (p0^H (1-p0)^(t-H)), where
// `tail` and `prior_tail` are the posterior's and the prior's mass there.
double log_ratio(double successes, double failures, double p0, double tail, double prior_tail) {
  if (!(tail > 0.0)) return -std::numeric_limits<double>::infinity();
  const double marginal = log_beta(successes + kPrior, failures + kPrior);
  const double null = successes * std::log(p0) + failures * std::log1p(-p0);
  const double rounding = kRoundingShare * std::lgamma(successes + failures + 1.0);
  return marginal + std::log(tail) - log_beta(kPrior, kPrior) - std::log(prior_tail) - null -
         rounding;
}

// The least count in [0, draws + 1] with holds(count), which fails below and holds above it,
// found by steps that double from `guess`.
template <typename Holds>
std::int64_t first_that_holds(std::int64_t guess, std::int64_t draws, const Holds& holds) {
  std::int64_t low = -1;          // fails
  std::int64_t high = draws + 1;  // holds, by convention
  const std::int64_t start = std::clamp<std::int64_t>(guess, 0, draws);
  if (holds(start)) {
    high = start;
    for (std::int64_t step = 1; high - step > low; step *= 2) {
      if (!holds(high - step)) {
        low = high - step;
        break;
      }
      high -= step;
    }
  } else {
    low = start;
    for (std::int64_t step = 1; low + step < high; step *= 2) {
      if (holds(low + step)) {
        high = low + step;
        break;
      }
      low += step;
    }
  }
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (holds(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace

double log_evidence_above(std::uint64_t successes, std::uint64_t draws, double p0) {
  const auto hits = static_cast<double>(successes);
  const auto misses = static_cast<double>(draws - successes);
  return log_ratio(hits, misses, p0, boost::math::ibetac(hits + kPrior, misses + kPrior, p0),
                   boost::math::ibetac(kPrior, kPrior, p0));
}

double log_evidence_below(std::uint64_t successes, std::uint64_t draws, double p0) {
  const auto hits = static_cast<double>(successes);
  const auto misses = static_cast<double>(draws - successes);
  return log_ratio(hits, misses, p0, boost::math::ibeta(hits + kPrior, misses + kPrior, p0),
                   boost::math::ibeta(kPrior, kPrior, p0));
}

double anytime_lower(std::uint64_t successes, std::uint64_t draws, double alpha) {
  if (successes == 0 || draws == 0) return 0.0;
  constexpr double kPrecision = 1e-10;
  const double needed = -std::log(alpha);
  const auto holds = [&](double p) { return log_evidence_above(successes, draws, p) >= needed; };
  // Bisection between a p that has the evidence and the observed share, which never has.
  const auto t = static_cast<double>(draws);
  double high = static_cast<double>(successes) / t;
  double width = 4.0 * std::sqrt(high * (1.0 - high) / t) + 8.0 / t;
  double low = high - width;
  while (low > 0.0 && !holds(low)) low = high - (width *= 2.0);
  low = std::max(low, 0.0);
  while (high - low > kPrecision) {
    const double middle = low + (high - low) / 2.0;
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

double anytime_upper(std::uint64_t successes, std::uint64_t draws, double alpha) {
  // The mirror image: failures in place of successes.
  return 1.0 - anytime_lower(draws - successes, draws, alpha);
}

std::vector<std::uint32_t> look_schedule(std::uint64_t n) {
  constexpr std::uint64_t kStep = 8;
  constexpr std::uint64_t kDense = 256;
  std::vector<std::uint32_t> looks;
  for (std::uint64_t draws = kStep; draws < n;) {
    looks.push_back(static_cast<std::uint32_t>(draws));
    const std::uint64_t step = draws < kDense ? kStep : std::max(kStep, draws / 50);
    draws += (step + kStep - 1) / kStep * kStep;
  }
  looks.push_back(static_cast<std::uint32_t>(n));
  return looks;
}

SequentialTest::SequentialTest(double p0, double alpha, double reject_alpha,
                               std::span<const std::uint32_t> looks) {
  const double accept = -std::log(alpha / 2.0);
  const double reject = -std::log(reject_alpha);
  bounds_.reserve(looks.size());
  std::int64_t above_margin = 0;  // of the look before, from p0 t: a good guess for the next
  std::int64_t below_margin = 0;
  for (std::size_t i = 0; i < looks.size(); ++i) {
    const std::int64_t draws = looks[i];
    const auto expected = static_cast<std::int64_t>(p0 * static_cast<double>(draws));
    const bool last = i + 1 == looks.size();
    const std::int64_t above =
        first_that_holds(expected + above_margin, draws, [&](std::int64_t count) {
          const auto hits = static_cast<std::uint64_t>(count);
          return log_evidence_above(hits, looks[i], p0) >= accept ||
                 (last && binomial_at_least(count, draws, p0) <= alpha / 2.0);
        });
    const std::int64_t undecided =
        first_that_holds(expected - below_margin, draws, [&](std::int64_t count) {
          return log_evidence_below(static_cast<std::uint64_t>(count), looks[i], p0) < reject;
        });
    above_margin = above - expected;
    below_margin = expected - undecided;
    bounds_.push_back({static_cast<std::uint32_t>(above), last ? above - 1 : undecided - 1});
  }
}

Decision SequentialTest::at(std::size_t look, std::uint64_t successes) const {
  const Bounds& bounds = bounds_.at(look);
  if (successes >= bounds.above) return Decision::above;
  const bool below = static_cast<std::int64_t>(successes) <= bounds.not_above;
  return below ? Decision::not_above : Decision::undecided;
}

}  // namespace heirloom::stats

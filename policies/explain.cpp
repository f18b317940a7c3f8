#include "policies/explain.h"

#include <cmath>

#include "core/stats/certified_accuracy.h"
#include "core/stats/paired.h"

namespace heirloom::policies {
namespace {

constexpr std::int64_t kMostTimes = 10;

std::int64_t scaled(std::int64_t count, double times) {
  return static_cast<std::int64_t>(std::floor(static_cast<double>(count) * times));
}

// Whether the gate's own test passes on n examples with the shares that it saw.
bool passes_on(const Gate& gate, std::int64_t n, double level, double alpha) {
  const Threshold& threshold = gate.threshold;
  const double times = static_cast<double>(n) / static_cast<double>(gate.examples);
  if (threshold.baseline != Baseline::absolute) {
    return stats::non_inferiority_p_value(
               static_cast<std::int64_t>(
                   std::ceil(static_cast<double>(gate.baseline_only) * times)),
               scaled(gate.candidate_only, times), n, threshold.value, level) <= level;
  }
  if (threshold.metric == Metric::abstain_rate) {
    const auto count =
        static_cast<std::int64_t>(std::ceil(static_cast<double>(gate.count) * times));
    return stats::share_at_most_p_value(count, n, threshold.value) <= level;
  }
  const double asked =
      threshold.metric == Metric::pa_quantile ? 1.0 - threshold.quantile : threshold.value;
  return stats::certified_share_p_value(scaled(gate.count, times), n, asked, alpha) <= level;
}

}  // namespace

std::optional<std::int64_t> examples_that_decide(const Gate& gate, std::int64_t of_holdout,
                                                 double level, double alpha) {
  const Metric metric = gate.threshold.metric;
  const bool on_a_share = metric != Metric::acr && metric != Metric::training_cost;
  if (!on_a_share || !gate.applicable || gate.ended_early || gate.examples < 1) {
    return std::nullopt;
  }
  if (gate.pass) return of_holdout;
  std::int64_t low = gate.examples;  // does not pass
  std::int64_t high = low;
  do {
    if (high >= gate.examples * kMostTimes) return std::nullopt;
    low = high;
    high = std::min(high * 2, gate.examples * kMostTimes);
  } while (!passes_on(gate, high, level, alpha));
  // To a hundredth: whole counts make it jump, and nobody orders examples by the piece.
  while (high - low > std::max<std::int64_t>(1, gate.examples / 100)) {
    const std::int64_t middle = low + (high - low) / 2;
    (passes_on(gate, middle, level, alpha) ? high : low) = middle;
  }
  // Of a per-class gate `examples` are those of the worst class.
  return static_cast<std::int64_t>(
      std::ceil(static_cast<double>(high) * static_cast<double>(of_holdout) /
                static_cast<double>(gate.examples)));
}

}  // namespace heirloom::policies

// The words of a failed gate.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/certificate/summary.h"
#include "policies/gates.h"

namespace heirloom::policies {
namespace {

// Three digits where they say all of the threshold, else six.
int digits_for(double threshold) {
  return std::abs(std::round(threshold * 1e3) - threshold * 1e3) < 1e-9 ? 3 : 6;
}

// Rounded away from passing, so that a bound just short of its threshold never reads as equal.
std::string rounded(double value, int digits, bool up) {
  const double scale = std::pow(10.0, digits);
  const double units = up ? std::ceil(value * scale) : std::floor(value * scale);
  return fmt::format("{:.{}f}", units / scale, digits);
}

// As many digits as it takes to tell the confidence from 1: level 6.25e-4 gives 0.9994.
std::string confidence_text(double level) {
  const int digits = std::max(2, static_cast<int>(std::ceil(-std::log10(level))));
  return fmt::format("{:.{}f}", 1.0 - level, digits);
}

std::string name_of(const Threshold& threshold) {
  std::string name(to_string(threshold.metric));
  if (has_radius(threshold.metric)) {
    name += fmt::format(" at {}", certificate::radius_key(threshold.radius));
  }
  if (threshold.metric == Metric::pa_quantile) name += fmt::format(" {}", threshold.quantile);
  return name;
}

// "certified_accuracy at 1.00 is at least champion - 0.031 with confidence 0.95, needs champion -
// 0.02 (observed 0.801 against 0.812 of 1000)".
std::string relative_text(const Gate& gate, const std::string& confidence) {
  const Threshold& threshold = gate.threshold;
  const bool at_most = threshold.comparison == Comparison::at_most;
  const double sign = at_most ? -1.0 : 1.0;
  const double baseline_observed = gate.required + sign * threshold.value;
  const int digits = digits_for(threshold.value);
  return fmt::format(
      "{} is at {} {} {} {} with confidence {}, needs {} {} {:.{}f} (observed {:.3f} against "
      "{:.3f} "
      "of {})",
      name_of(threshold), at_most ? "most" : "least", to_string(threshold.baseline),
      at_most ? '+' : '-', rounded(sign * (baseline_observed - gate.bound), digits, true),
      confidence, to_string(threshold.baseline), at_most ? '+' : '-', threshold.value, digits,
      gate.observed, baseline_observed, gate.examples);
}

}  // namespace

std::string failure_text(const Gate& gate, const JudgeInput& input) {
  const Threshold& threshold = gate.threshold;
  if (threshold.metric == Metric::training_cost) {
    if (!input.training_seconds) return fmt::format("training_cost: {}", gate.note);
    return fmt::format("training_cost was {:.1f} s, must be {:.1f} s at most", gate.observed,
                       gate.required);
  }
  if (input.sealed) return threshold.text() + " did not pass; its figures are sealed";
  const std::string name = name_of(threshold);
  const bool per_class = threshold.metric == Metric::per_class_certified_accuracy;
  if (per_class && gate.examples == 0) {
    return fmt::format("{} needs every class: {}", name, gate.note);
  }
  const int digits = digits_for(threshold.value);
  const bool at_most = threshold.comparison == Comparison::at_most;
  const std::string confidence = confidence_text(input.level);
  if (threshold.baseline != Baseline::absolute) {
    return relative_text(gate, confidence) + (per_class ? "; " + gate.note : std::string());
  }
  if (gate.ended_early) {
    return fmt::format("{} can no longer be {:.{}f} with confidence {} ({})", name, threshold.value,
                       digits, confidence, gate.note);
  }
  const bool noted = per_class || threshold.metric == Metric::pa_quantile;
  return fmt::format("{} is at {} {} with confidence {}, needs {:.{}f} ({}observed {:.3f} of {})",
                     name, at_most ? "most" : "least", rounded(gate.bound, digits, at_most),
                     confidence, threshold.value, digits, noted ? gate.note + "; " : std::string(),
                     gate.observed, gate.examples);
}

}  // namespace heirloom::policies

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

}  // namespace

std::string failure_text(const Gate& gate, double level) {
  const Threshold& threshold = gate.threshold;
  std::string name(to_string(threshold.metric));
  if (has_radius(threshold.metric)) {
    name += fmt::format(" at {}", certificate::radius_key(threshold.radius));
  }
  if (threshold.metric == Metric::per_class_certified_accuracy && gate.examples == 0) {
    return fmt::format("{} needs every class: {}", name, gate.note);
  }
  const int digits = digits_for(threshold.value);
  const bool at_most = threshold.comparison == Comparison::at_most;
  const std::string confidence = confidence_text(level);
  if (threshold.baseline != Baseline::absolute) {
    const double baseline_observed = gate.required + threshold.value;
    const std::string_view baseline = to_string(threshold.baseline);
    return fmt::format(
        "{} is at least {} - {} with confidence {}, needs {} - {:.{}f} (observed {:.3f} against "
        "{:.3f} of {})",
        name, baseline, rounded(baseline_observed - gate.bound, digits, true), confidence, baseline,
        threshold.value, digits, gate.observed, baseline_observed, gate.examples);
  }
  if (gate.ended_early) {
    return fmt::format("{} can no longer be {:.{}f} with confidence {} ({})", name, threshold.value,
                       digits, confidence, gate.note);
  }
  const std::string worst =
      threshold.metric == Metric::per_class_certified_accuracy ? gate.note + "; " : std::string();
  return fmt::format("{} is at {} {} with confidence {}, needs {:.{}f} ({}observed {:.3f} of {})",
                     name, at_most ? "most" : "least", rounded(gate.bound, digits, at_most),
                     confidence, threshold.value, digits, worst, gate.observed, gate.examples);
}

}  // namespace heirloom::policies

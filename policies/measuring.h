// What the measuring of gates has in common; private to policies/.
#pragma once

#include <cstdint>
#include <vector>

#include "policies/judge.h"

namespace heirloom::policies {

// Every comparison that lets a gate pass is one of these two. Both are false for a NaN.
inline bool p_value_passes(double p_value, double level) {
  return p_value <= level;
}
inline bool bound_passes(double bound, double required) {
  return bound >= required;
}

inline double share(std::int64_t count, std::int64_t of) {
  return of > 0 ? static_cast<double>(count) / static_cast<double>(of) : 0.0;
}

inline void count(Gate& gate, std::int64_t counted, std::int64_t of) {
  gate.count = counted;
  gate.examples = of;
  gate.observed = share(counted, of);
}

// Clean accuracy is certified accuracy at radius 0 (docs/statistics.md section 2).
inline double radius_of(const Threshold& threshold) {
  return has_radius(threshold.metric) ? threshold.radius : 0.0;
}

// Each example's certified radius; 0 where it is not certified for its label.
std::vector<double> certified_radii(const certificate::Certificate& certificate);

void observe_acr(Gate& gate, const JudgeInput& input);

// "the holdout has no example of class 3, 7": then a per-class gate fails.
void fail_for_absent_classes(Gate& gate, const std::vector<std::size_t>& absent);

// The gate of a threshold below a baseline (above it, for at_most): a paired test on the same
// examples (docs/statistics.md section 4).
void measure_paired(Gate& gate, const JudgeInput& input, const certificate::Certificate& baseline);

}  // namespace heirloom::policies

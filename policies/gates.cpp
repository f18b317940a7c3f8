#include "policies/gates.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/certificate/summary.h"
#include "core/stats/bounded_mean.h"
#include "core/stats/certified_accuracy.h"
#include "core/stats/paired.h"
#include "core/stats/smoothing.h"

namespace heirloom::policies {
namespace {

using certificate::Certificate;
using certificate::CertifiedExample;

// Every comparison that lets a gate pass is one of these two. Both are false for a NaN.
bool p_value_passes(double p_value, double level) {
  return p_value <= level;
}
bool bound_passes(double bound, double required) {
  return bound >= required;
}

double share(std::int64_t count, std::int64_t of) {
  return of > 0 ? static_cast<double>(count) / static_cast<double>(of) : 0.0;
}

double ceiling_of(const Certificate& certificate) {
  return certificate::radius_ceiling(certificate.protocol);
}

// Clean accuracy is certified accuracy at radius 0 (docs/statistics.md section 2).
double radius_of(const Threshold& threshold) {
  return has_radius(threshold.metric) ? threshold.radius : 0.0;
}

double certified_radius(const CertifiedExample& example) {
  return example.correct() ? example.radius : 0.0;
}

void count(Gate& gate, std::int64_t counted, std::int64_t of) {
  gate.count = counted;
  gate.examples = of;
  gate.observed = share(counted, of);
}

// Section 1: a share passes by its exact binomial test with the per-example alpha paid for.
void measure_share(Gate& gate, const JudgeInput& input) {
  const Certificate& candidate = *input.candidate;
  const auto n = static_cast<std::int64_t>(candidate.examples.size());
  const auto certified = static_cast<std::int64_t>(
      certificate::count_certified(candidate.examples, radius_of(gate.threshold)));
  count(gate, certified, n);
  const double alpha = candidate.protocol.alpha;
  gate.required = gate.threshold.value;
  gate.p_value = stats::certified_share_p_value(certified, n, gate.threshold.value, alpha);
  gate.bound = stats::certified_share_lower(certified, n, input.level, alpha);
  gate.pass = p_value_passes(gate.p_value, input.level);
}

struct ClassCount {
  std::int64_t certified = 0;
  std::int64_t examples = 0;
};

// Every class by its own test at the full level: all must hold, so that it is an
// intersection-union test and needs no correction for their number.
void measure_per_class(Gate& gate, const JudgeInput& input) {
  const Certificate& candidate = *input.candidate;
  std::vector<ClassCount> classes(static_cast<std::size_t>(input.classes));
  for (const CertifiedExample& example : candidate.examples) {
    ClassCount& own = classes[static_cast<std::size_t>(example.label)];
    ++own.examples;
    if (example.certified_at(gate.threshold.radius)) ++own.certified;
  }
  const double alpha = candidate.protocol.alpha;
  gate.required = gate.threshold.value;
  gate.bound = 1.0;
  gate.p_value = 0.0;
  std::vector<std::size_t> absent;
  for (std::size_t label = 0; label < classes.size(); ++label) {
    const auto [certified, n] = classes[label];
    if (n == 0) {
      absent.push_back(label);
      continue;
    }
    const double bound = stats::certified_share_lower(certified, n, input.level, alpha);
    gate.p_value = std::max(
        gate.p_value, stats::certified_share_p_value(certified, n, gate.threshold.value, alpha));
    if (gate.note.empty() || bound < gate.bound) {
      gate.bound = bound;
      count(gate, certified, n);
      gate.note = fmt::format("worst: class {}, {} of {}", label, certified, n);
    }
  }
  if (!absent.empty()) {
    count(gate, 0, 0);
    gate.bound = 0.0;
    gate.p_value = 1.0;
    gate.note = fmt::format("the holdout has no example of class {}", fmt::join(absent, ", "));
  }
  gate.pass = p_value_passes(gate.p_value, input.level);
}

void measure_abstain_rate(Gate& gate, const JudgeInput& input) {
  const auto& examples = input.candidate->examples;
  const auto n = static_cast<std::int64_t>(examples.size());
  const std::int64_t abstained = std::count_if(
      examples.begin(), examples.end(),
      [](const CertifiedExample& example) { return example.predicted == certificate::kAbstain; });
  count(gate, abstained, n);
  gate.required = gate.threshold.value;
  gate.p_value = stats::share_at_most_p_value(abstained, n, gate.threshold.value);
  gate.bound = stats::share_upper(abstained, n, input.level);
  gate.pass = p_value_passes(gate.p_value, input.level);
}

std::vector<double> certified_radii(const Certificate& certificate) {
  std::vector<double> radii;
  radii.reserve(certificate.examples.size());
  for (const CertifiedExample& example : certificate.examples) {
    radii.push_back(certified_radius(example));
  }
  return radii;
}

void observe_acr(Gate& gate, const JudgeInput& input) {
  const auto& examples = input.candidate->examples;
  gate.examples = static_cast<std::int64_t>(examples.size());
  gate.count = gate.examples;
  gate.observed = certificate::summarize(examples).acr;
}

// Section 1: an example is wrongly certified with probability alpha at most, and then by the
// ceiling at most.
void measure_acr(Gate& gate, const JudgeInput& input) {
  observe_acr(gate, input);
  const double ceiling = ceiling_of(*input.candidate);
  const std::vector<double> radii = certified_radii(*input.candidate);
  gate.required = gate.threshold.value;
  gate.bound = stats::mean_lower(radii, 0.0, ceiling, input.level) -
               input.candidate->protocol.alpha * ceiling;
  gate.pass = bound_passes(gate.bound, gate.required);
}

// Section 4: b and c are counted on the same examples.
void measure_paired_share(Gate& gate, const JudgeInput& input, const Certificate& baseline) {
  const double radius = radius_of(gate.threshold);
  const auto& candidates = input.candidate->examples;
  std::int64_t certified = 0;
  std::int64_t baseline_only = 0;   // b
  std::int64_t candidate_only = 0;  // c
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const bool ours = candidates[i].certified_at(radius);
    const bool theirs = baseline.examples[i].certified_at(radius);
    if (ours) ++certified;
    if (theirs && !ours) ++baseline_only;
    if (ours && !theirs) ++candidate_only;
  }
  const auto n = static_cast<std::int64_t>(candidates.size());
  count(gate, certified, n);
  const double margin = gate.threshold.value;
  const double baseline_observed = share(certified + baseline_only - candidate_only, n);
  gate.required = baseline_observed - margin;
  gate.p_value =
      stats::non_inferiority_p_value(baseline_only, candidate_only, n, margin, input.level);
  gate.pass = p_value_passes(gate.p_value, input.level);
  gate.bound = baseline_observed +
               stats::paired_difference_lower(baseline_only, candidate_only, n, input.level);
  // The bound is found by bisection; the test decides.
  gate.bound =
      gate.pass ? std::max(gate.bound, gate.required) : std::min(gate.bound, gate.required);
  gate.note = fmt::format("certified for the {} only: {}, for this generation only: {}",
                          to_string(gate.threshold.baseline), baseline_only, candidate_only);
}

void measure_paired_acr(Gate& gate, const JudgeInput& input, const Certificate& baseline) {
  observe_acr(gate, input);
  const double ceiling = ceiling_of(*input.candidate);
  std::vector<double> differences = certified_radii(*input.candidate);
  const std::vector<double> theirs = certified_radii(baseline);
  for (std::size_t i = 0; i < differences.size(); ++i) differences[i] -= theirs[i];
  const double baseline_observed = certificate::summarize(baseline.examples).acr;
  const double difference = stats::mean_lower(differences, -ceiling, ceiling, input.level);
  gate.required = baseline_observed - gate.threshold.value;
  gate.bound = baseline_observed + difference;
  gate.pass = bound_passes(difference, -gate.threshold.value);
}

void observe(Gate& gate, const JudgeInput& input) {
  if (gate.threshold.metric == Metric::acr) {
    observe_acr(gate, input);
    return;
  }
  const auto& examples = input.candidate->examples;
  count(
      gate,
      static_cast<std::int64_t>(certificate::count_certified(examples, radius_of(gate.threshold))),
      static_cast<std::int64_t>(examples.size()));
}

void measure_relative(Gate& gate, const JudgeInput& input) {
  const bool against_root = gate.threshold.baseline == Baseline::root;
  const Certificate* baseline = against_root ? input.root : input.champion;
  if (baseline == nullptr) {
    gate.applicable = false;
    gate.note = against_root ? "no root generation yet" : "no champion yet";
    observe(gate, input);
    return;
  }
  if (gate.threshold.metric == Metric::acr) {
    measure_paired_acr(gate, input, *baseline);
  } else {
    measure_paired_share(gate, input, *baseline);
  }
}

// A run that ended early is known only to have between `certified` and `certified + left` of its
// list. A gate that fails at the upper end fails; of any other nothing is said.
void measure_curtailed(Gate& gate, const JudgeInput& input) {
  const Certificate& candidate = *input.candidate;
  const Threshold threshold = gate.threshold;
  const auto n = static_cast<std::int64_t>(candidate.listed.size());
  const auto left = static_cast<std::int64_t>(candidate.left());
  const bool share_gate =
      threshold.baseline == Baseline::absolute && (threshold.metric == Metric::certified_accuracy ||
                                                   threshold.metric == Metric::clean_accuracy);
  if (share_gate) {
    const auto certified = static_cast<std::int64_t>(
        certificate::count_certified(candidate.examples, radius_of(threshold)));
    const double alpha = candidate.protocol.alpha;
    count(gate, certified + left, n);
    gate.ended_early = true;
    gate.required = threshold.value;
    gate.p_value = stats::certified_share_p_value(certified + left, n, threshold.value, alpha);
    gate.bound = stats::certified_share_lower(certified + left, n, input.level, alpha);
    gate.note = fmt::format("between {} and {} of {}: it ended early, so it fails either way",
                            certified, certified + left, n);
    if (!p_value_passes(gate.p_value, input.level)) return;
  }
  gate = Gate{};
  gate.threshold = threshold;
  gate.applicable = false;
  gate.note =
      fmt::format("not evaluated: ended after {} of {} examples", candidate.examples.size(), n);
}

}  // namespace

Gate measure(const JudgeInput& input, const Threshold& threshold) {
  Gate gate;
  gate.threshold = threshold;
  if (input.candidate->curtailed()) {
    measure_curtailed(gate, input);
    return gate;
  }
  if (threshold.baseline != Baseline::absolute) {
    measure_relative(gate, input);
    return gate;
  }
  switch (threshold.metric) {
    case Metric::certified_accuracy:
    case Metric::clean_accuracy:
      measure_share(gate, input);
      break;
    case Metric::per_class_certified_accuracy:
      measure_per_class(gate, input);
      break;
    case Metric::acr:
      measure_acr(gate, input);
      break;
    case Metric::abstain_rate:
      measure_abstain_rate(gate, input);
      break;
  }
  return gate;
}

base::Result<void> check_threshold(const Threshold& threshold) {
  const auto refuse = [&](std::string_view why) {
    return base::fail(base::ErrorKind::usage,
                      fmt::format("the gate \"{}\" cannot be judged: {}", threshold.text(), why));
  };
  const bool relative = threshold.baseline != Baseline::absolute;
  const bool at_most = threshold.metric == Metric::abstain_rate;
  if (!std::isfinite(threshold.value)) return refuse("its value is not a number");
  if ((threshold.comparison == Comparison::at_most) != at_most) {
    return refuse("it compares the wrong way");
  }
  if (has_radius(threshold.metric) &&
      !(threshold.radius >= 0.0 && std::isfinite(threshold.radius))) {
    return refuse("its radius is negative or not a number");
  }
  if (relative && (threshold.metric == Metric::per_class_certified_accuracy || at_most)) {
    return base::fail(
        base::ErrorKind::unsupported,
        fmt::format("the gate \"{}\" is not available in this version", threshold.text()));
  }
  const bool share_in_range = threshold.metric == Metric::acr || threshold.value < 1.0;
  if (!(threshold.value > 0.0) || !share_in_range) return refuse("its value is out of range");
  return {};
}

}  // namespace heirloom::policies

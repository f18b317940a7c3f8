// Gates that are measured from another generation's certificate, example by example.
#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/certificate/summary.h"
#include "core/stats/bounded_mean.h"
#include "core/stats/paired.h"
#include "policies/measuring.h"

namespace heirloom::policies {
namespace {

using certificate::Certificate;
using certificate::CertifiedExample;
using Holds = std::function<bool(const CertifiedExample&)>;

// What is wanted of an example, so that more is better: certified at the radius, or decided at all.
Holds wanted(const Threshold& threshold) {
  if (threshold.metric == Metric::abstain_rate) {
    return
        [](const CertifiedExample& example) { return example.predicted != certificate::kAbstain; };
  }
  return [radius = radius_of(threshold)](const CertifiedExample& example) {
    return example.certified_at(radius);
  };
}

struct Pairs {
  std::int64_t n = 0;
  std::int64_t ours = 0;
  std::int64_t baseline_only = 0;   // b
  std::int64_t candidate_only = 0;  // c

  void add(bool candidate, bool baseline) {
    ++n;
    if (candidate) ++ours;
    if (baseline && !candidate) ++baseline_only;
    if (candidate && !baseline) ++candidate_only;
  }
  double baseline_observed() const { return share(ours + baseline_only - candidate_only, n); }
};

// Section 4, on the scale of the wanted share; the bound is found by bisection and for display,
// the test decides.
void test_pairs(Gate& gate, const Pairs& pairs, double level) {
  const double margin = gate.threshold.value;
  count(gate, pairs.ours, pairs.n);
  gate.baseline_only = pairs.baseline_only;
  gate.candidate_only = pairs.candidate_only;
  gate.required = pairs.baseline_observed() - margin;
  gate.p_value = stats::non_inferiority_p_value(pairs.baseline_only, pairs.candidate_only, pairs.n,
                                                margin, level);
  gate.pass = p_value_passes(gate.p_value, level);
  gate.bound =
      pairs.baseline_observed() +
      stats::paired_difference_lower(pairs.baseline_only, pairs.candidate_only, pairs.n, level);
  gate.bound =
      gate.pass ? std::max(gate.bound, gate.required) : std::min(gate.bound, gate.required);
  gate.note =
      fmt::format("{} for the {} only: {}, for this generation only: {}",
                  gate.threshold.metric == Metric::abstain_rate ? "decided" : "certified",
                  to_string(gate.threshold.baseline), pairs.baseline_only, pairs.candidate_only);
}

// An abstain rate is what is left of the decided share.
void turn_round(Gate& gate) {
  count(gate, gate.examples - gate.count, gate.examples);
  gate.bound = 1.0 - gate.bound;
  gate.required = 1.0 - gate.required;
}

void measure_paired_share(Gate& gate, const JudgeInput& input, const Certificate& baseline) {
  const Holds holds = wanted(gate.threshold);
  Pairs pairs;
  for (std::size_t i = 0; i < input.candidate->examples.size(); ++i) {
    pairs.add(holds(input.candidate->examples[i]), holds(baseline.examples[i]));
  }
  test_pairs(gate, pairs, input.level);
  if (gate.threshold.metric == Metric::abstain_rate) turn_round(gate);
}

// Every class by its own test at the full level: an intersection-union test. The class that is
// farthest from passing is shown.
void measure_paired_classes(Gate& gate, const JudgeInput& input, const Certificate& baseline) {
  const Holds holds = wanted(gate.threshold);
  std::vector<Pairs> classes(static_cast<std::size_t>(input.classes));
  for (std::size_t i = 0; i < input.candidate->examples.size(); ++i) {
    const CertifiedExample& example = input.candidate->examples[i];
    classes[static_cast<std::size_t>(example.label)].add(holds(example),
                                                         holds(baseline.examples[i]));
  }
  std::vector<std::size_t> absent;
  std::optional<Gate> worst;
  for (std::size_t label = 0; label < classes.size(); ++label) {
    if (classes[label].n == 0) {
      absent.push_back(label);
      continue;
    }
    Gate own = gate;
    test_pairs(own, classes[label], input.level);
    own.note = fmt::format("worst: class {}, {}", label, own.note);
    const bool farther = !worst || own.p_value > worst->p_value ||
                         (own.p_value == worst->p_value &&
                          own.bound - own.required < worst->bound - worst->required);
    if (farther) worst = std::move(own);
  }
  if (worst) gate = *std::move(worst);
  if (absent.empty()) return;
  fail_for_absent_classes(gate, absent);
  gate.pass = false;
}

void measure_paired_acr(Gate& gate, const JudgeInput& input, const Certificate& baseline) {
  observe_acr(gate, input);
  const double ceiling = certificate::radius_ceiling(input.candidate->protocol);
  std::vector<double> differences = certified_radii(*input.candidate);
  const std::vector<double> theirs = certified_radii(baseline);
  for (std::size_t i = 0; i < differences.size(); ++i) differences[i] -= theirs[i];
  const double baseline_observed = certificate::summarize(baseline.examples).acr;
  const double difference = stats::mean_lower(differences, -ceiling, ceiling, input.level);
  gate.required = baseline_observed - gate.threshold.value;
  gate.bound = baseline_observed + difference;
  gate.pass = bound_passes(difference, -gate.threshold.value);
}

}  // namespace

std::vector<double> certified_radii(const Certificate& certificate) {
  std::vector<double> radii;
  radii.reserve(certificate.examples.size());
  for (const CertifiedExample& example : certificate.examples) {
    radii.push_back(example.correct() ? example.radius : 0.0);
  }
  return radii;
}

void observe_acr(Gate& gate, const JudgeInput& input) {
  const auto& examples = input.candidate->examples;
  gate.examples = static_cast<std::int64_t>(examples.size());
  gate.count = gate.examples;
  gate.observed = certificate::summarize(examples).acr;
}

void fail_for_absent_classes(Gate& gate, const std::vector<std::size_t>& absent) {
  count(gate, 0, 0);
  gate.bound = 0.0;
  gate.p_value = 1.0;
  gate.note = fmt::format("the holdout has no example of class {}", fmt::join(absent, ", "));
}

void measure_paired(Gate& gate, const JudgeInput& input, const Certificate& baseline) {
  switch (gate.threshold.metric) {
    case Metric::acr:
      measure_paired_acr(gate, input, baseline);
      break;
    case Metric::per_class_certified_accuracy:
      measure_paired_classes(gate, input, baseline);
      break;
    default:
      measure_paired_share(gate, input, baseline);
  }
}

}  // namespace heirloom::policies

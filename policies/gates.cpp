#include "policies/gates.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "core/certificate/summary.h"
#include "core/stats/bounded_mean.h"
#include "core/stats/certified_accuracy.h"
#include "core/stats/smoothing.h"
#include "policies/measuring.h"

namespace heirloom::policies {
namespace {

using certificate::Certificate;
using certificate::CertifiedExample;

double ceiling_of(const Certificate& certificate) {
  return certificate::radius_ceiling(certificate.protocol);
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
  if (!absent.empty()) fail_for_absent_classes(gate, absent);
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

// The quantile of pA that is asked for, as an order statistic: the `rank` highest of the bounds of
// the examples' true classes, where an example that is not certified for its label has 0.
double highest(std::vector<double> bounds, std::size_t rank) {
  const auto at = bounds.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(bounds.begin(), at, bounds.end(), std::greater<>());
  return *at;
}

// Section 1: "the q quantile is at least v" says that a share of 1 - q has pA >= v, and passes by
// that share's test. The bound is the largest v that passes.
void measure_pa_quantile(Gate& gate, const JudgeInput& input) {
  const Certificate& candidate = *input.candidate;
  std::vector<double> bounds;
  for (const CertifiedExample& example : candidate.examples) {
    bounds.push_back(example.correct() ? example.p_lower : 0.0);
  }
  const auto n = static_cast<std::int64_t>(bounds.size());
  const double alpha = candidate.protocol.alpha;
  const double asked = 1.0 - gate.threshold.quantile;
  gate.required = gate.threshold.value;
  gate.examples = n;
  gate.count = std::count_if(bounds.begin(), bounds.end(),
                             [&](double bound) { return bound >= gate.required; });
  // The largest v that a share of 1 - q reaches; that share is rounded up to whole examples.
  const auto reached = static_cast<std::int64_t>(std::ceil(asked * static_cast<double>(n) - 1e-9));
  gate.observed =
      highest(bounds, static_cast<std::size_t>(std::clamp<std::int64_t>(reached, 1, n)));
  gate.p_value = stats::certified_share_p_value(gate.count, n, asked, alpha);
  const std::int64_t needed = stats::smallest_passing_count(n, asked, input.level, alpha);
  gate.bound = needed > n ? 0.0 : highest(bounds, static_cast<std::size_t>(needed));
  gate.pass = p_value_passes(gate.p_value, input.level);
  gate.note = fmt::format("pA of {} or more: {} of {}", gate.required, gate.count, n);
}

// No estimate: what the worker's clock said. Nothing recorded is not cheap.
void measure_training_cost(Gate& gate, const JudgeInput& input) {
  gate.required = gate.threshold.value;
  if (!input.training_seconds) {
    gate.note = "the cost of its training was not recorded";
    return;
  }
  gate.observed = *input.training_seconds;
  gate.bound = gate.observed;
  gate.pass = gate.observed <= gate.required;
  gate.p_value = gate.pass ? 0.0 : 1.0;
}

// A relative gate without its baseline shows what the generation itself has.
void observe(Gate& gate, const JudgeInput& input) {
  Gate own = gate;
  own.threshold.baseline = Baseline::absolute;
  switch (gate.threshold.metric) {
    case Metric::acr:
      observe_acr(own, input);
      break;
    case Metric::abstain_rate:
      measure_abstain_rate(own, input);
      break;
    case Metric::per_class_certified_accuracy:
      measure_per_class(own, input);
      break;
    default:
      measure_share(own, input);
  }
  count(gate, own.count, own.examples);
  gate.observed = own.observed;
}

void measure_relative(Gate& gate, const JudgeInput& input) {
  const bool against_root = gate.threshold.baseline == Baseline::root;
  const Certificate* baseline = against_root ? input.root : input.champion;
  if (baseline != nullptr) {
    measure_paired(gate, input, *baseline);
    return;
  }
  gate.applicable = false;
  observe(gate, input);
  gate.note = against_root ? "no root generation yet" : "no champion yet";
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
  if (threshold.metric == Metric::training_cost) {
    measure_training_cost(gate, input);
    return gate;
  }
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
    case Metric::pa_quantile:
      measure_pa_quantile(gate, input);
      break;
    case Metric::training_cost:
      break;  // measured above
  }
  return gate;
}

base::Result<void> check_threshold(const Threshold& threshold) {
  const auto refuse = [&](std::string_view why) {
    return base::fail(base::ErrorKind::usage,
                      fmt::format("the gate \"{}\" cannot be judged: {}", threshold.text(), why));
  };
  const bool relative = threshold.baseline != Baseline::absolute;
  if (!std::isfinite(threshold.value)) return refuse("its value is not a number");
  if (threshold.comparison != comparison_of(threshold.metric)) {
    return refuse("it compares the wrong way");
  }
  if (has_radius(threshold.metric) &&
      !(threshold.radius >= 0.0 && std::isfinite(threshold.radius))) {
    return refuse("its radius is negative or not a number");
  }
  if (relative && !may_be_relative(threshold.metric)) {
    return refuse("its metric is not compared with other generations");
  }
  if (threshold.metric == Metric::pa_quantile &&
      !(threshold.quantile > 0.0 && threshold.quantile < 1.0 && threshold.value >= 0.5)) {
    return refuse("its quantile or its value is out of range");
  }
  const bool unbounded =
      threshold.metric == Metric::acr || threshold.metric == Metric::training_cost;
  if (!(threshold.value > 0.0) || !(unbounded || threshold.value < 1.0)) {
    return refuse("its value is out of range");
  }
  return {};
}

}  // namespace heirloom::policies

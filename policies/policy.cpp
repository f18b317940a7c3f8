#include "policies/policy.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "core/certificate/summary.h"
#include "core/stats/certified_accuracy.h"

namespace heirloom::policies {
namespace {

// The value of `values` that is called `text`.
template <typename Enum, std::size_t N>
base::Result<Enum> parse(std::string_view what, const std::array<Enum, N>& values,
                         std::string_view text) {
  for (const Enum value : values) {
    if (to_string(value) == text) return value;
  }
  return base::fail(base::ErrorKind::usage, fmt::format("\"{}\" is not a {}", text, what));
}

}  // namespace

std::string_view to_string(Metric metric) {
  switch (metric) {
    case Metric::certified_accuracy:
      return "certified_accuracy";
    case Metric::clean_accuracy:
      return "clean_accuracy";
    case Metric::per_class_certified_accuracy:
      return "per_class_certified_accuracy";
    case Metric::acr:
      return "acr";
    case Metric::abstain_rate:
      return "abstain_rate";
    case Metric::pa_quantile:
      return "pa_quantile";
    case Metric::training_cost:
      return "training_cost";
  }
  return "unknown";
}

base::Result<Metric> parse_metric(std::string_view text) {
  return parse("metric", kMetrics, text);
}

std::string_view to_string(Comparison comparison) {
  switch (comparison) {
    case Comparison::at_least:
      return "at_least";
    case Comparison::at_most:
      return "at_most";
  }
  return "unknown";
}

base::Result<Comparison> parse_comparison(std::string_view text) {
  constexpr std::array kAll = {Comparison::at_least, Comparison::at_most};
  return parse("comparison", kAll, text);
}

Comparison comparison_of(Metric metric) {
  const bool at_most = metric == Metric::abstain_rate || metric == Metric::training_cost;
  return at_most ? Comparison::at_most : Comparison::at_least;
}

bool may_be_relative(Metric metric) {
  return metric != Metric::pa_quantile && metric != Metric::training_cost;
}

std::string_view to_string(Baseline baseline) {
  switch (baseline) {
    case Baseline::absolute:
      return "absolute";
    case Baseline::champion:
      return "champion";
    case Baseline::root:
      return "root";
  }
  return "unknown";
}

base::Result<Baseline> parse_baseline(std::string_view text) {
  constexpr std::array kAll = {Baseline::absolute, Baseline::champion, Baseline::root};
  return parse("baseline", kAll, text);
}

bool has_radius(Metric metric) {
  return metric == Metric::certified_accuracy || metric == Metric::per_class_certified_accuracy;
}

std::string_view to_string(Approval approval) {
  switch (approval) {
    case Approval::automatic:
      return "automatic";
    case Approval::manual:
      return "manual";
  }
  return "unknown";
}

base::Result<Approval> parse_approval(std::string_view text) {
  constexpr std::array kAll = {Approval::automatic, Approval::manual};
  return parse("kind of approval", kAll, text);
}

double Threshold::point() const {
  return metric == Metric::pa_quantile ? quantile : radius;
}

void Threshold::set_point(double point) {
  (metric == Metric::pa_quantile ? quantile : radius) = point;
}

std::string Threshold::text() const {
  std::string text(to_string(metric));
  if (has_radius(metric)) text += fmt::format(" at {}", certificate::radius_key(radius));
  if (metric == Metric::pa_quantile) text += fmt::format(" {}", quantile);
  const bool at_least = comparison == Comparison::at_least;
  text += at_least ? " at least " : " at most ";
  if (baseline != Baseline::absolute) {
    text += fmt::format("{} {} ", to_string(baseline), at_least ? '-' : '+');
  }
  text += fmt::format("{}", value);
  return metric == Metric::training_cost ? text + " s" : text;
}

bool measures_from(const std::vector<Threshold>& thresholds, Baseline baseline) {
  return std::any_of(thresholds.begin(), thresholds.end(),
                     [&](const Threshold& threshold) { return threshold.baseline == baseline; });
}

double gate_level(double confidence, const stats::LedgerTerms& holdout, std::int64_t candidate,
                  std::int64_t promotions) {
  return std::min(1.0 - confidence, stats::ledger_level(holdout, candidate, promotions));
}

certificate::Protocol protocol_terms(const CertifySettings& certify,
                                     const std::vector<Threshold>& thresholds, double sigma) {
  const auto any = [&](Metric metric) {
    return std::any_of(thresholds.begin(), thresholds.end(),
                       [&](const Threshold& threshold) { return threshold.metric == metric; });
  };
  certificate::Protocol protocol;
  const bool wants_radii = any(Metric::acr) || any(Metric::pa_quantile);
  protocol.mode = certify.mode == certificate::Mode::gate && wants_radii ? certificate::Mode::exact
                                                                         : certify.mode;
  protocol.n0 = certify.n0;
  protocol.n = certify.n;
  protocol.alpha = certify.alpha;
  protocol.sigma = sigma;
  protocol.grid = certify.grid;
  if (protocol.mode == certificate::Mode::adaptive) protocol.tolerance = certify.tolerance;
  if (protocol.mode == certificate::Mode::gate) {
    if (!any(Metric::abstain_rate)) protocol.n0 = 0;
    std::set<double> radii = {0.0};
    for (const Threshold& threshold : thresholds) {
      if (has_radius(threshold.metric)) radii.insert(threshold.radius);
    }
    protocol.radii.assign(radii.begin(), radii.end());
  }
  return protocol;
}

std::vector<certificate::Floor> floors(const std::vector<Threshold>& thresholds,
                                       std::int64_t examples, double level, double alpha) {
  std::vector<certificate::Floor> out;
  for (const Threshold& threshold : thresholds) {
    const bool share = threshold.metric == Metric::certified_accuracy ||
                       threshold.metric == Metric::clean_accuracy;
    if (!share || threshold.dry_run || threshold.baseline != Baseline::absolute) continue;
    out.push_back({threshold.radius, static_cast<std::uint64_t>(stats::smallest_passing_count(
                                         examples, threshold.value, level, alpha))});
  }
  return out;
}

}  // namespace heirloom::policies

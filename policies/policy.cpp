#include "policies/policy.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/certificate/summary.h"

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
  }
  return "unknown";
}

base::Result<Metric> parse_metric(std::string_view text) {
  constexpr std::array kAll = {Metric::certified_accuracy, Metric::clean_accuracy,
                               Metric::per_class_certified_accuracy, Metric::acr,
                               Metric::abstain_rate};
  return parse("metric", kAll, text);
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

std::string Threshold::text() const {
  std::string text(to_string(metric));
  if (has_radius(metric)) text += fmt::format(" at {}", certificate::radius_key(radius));
  text += comparison == Comparison::at_least ? " at least " : " at most ";
  if (baseline != Baseline::absolute) text += fmt::format("{} - ", to_string(baseline));
  return text + fmt::format("{}", value);
}

double gate_level(double confidence, const stats::LedgerTerms& holdout, std::int64_t candidate,
                  std::int64_t promotions) {
  return std::min(1.0 - confidence, stats::ledger_level(holdout, candidate, promotions));
}

}  // namespace heirloom::policies

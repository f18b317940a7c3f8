#include "core/certificate/analysis.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/stats/bounded_mean.h"

namespace heirloom::certificate {
namespace {

constexpr std::array kQuantiles = {0.05, 0.1, 0.25, 0.5, 0.75, 0.9};
constexpr std::size_t kMaxClassShares = 100000;  // of a thousand classes, a hundred radii

std::optional<stats::Interval> acr_interval(const Log& log, double confidence) {
  const std::optional<double> ceiling = largest_possible_radius(log);
  if (!ceiling) return std::nullopt;
  std::vector<double> radii;
  radii.reserve(log.examples.size());
  for (const CertifiedExample& example : log.examples) {
    radii.push_back(example.correct() ? example.radius : 0.0);
  }
  return stats::mean_interval(radii, 0.0, *ceiling, 1.0 - confidence);
}

std::vector<ClassShares> class_shares(const Log& log, const std::vector<CurvePoint>& curve,
                                      double confidence) {
  std::map<std::int32_t, std::vector<CertifiedExample>> by_label;
  for (const CertifiedExample& example : log.examples) by_label[example.label].push_back(example);
  std::vector<ClassShares> classes;
  if (by_label.size() * curve.size() > kMaxClassShares) return classes;
  for (const auto& [label, examples] : by_label) {
    ClassShares shares{label, examples.size(), {}};
    for (const CurvePoint& point : curve) {
      shares.certified.push_back(
          share_of(count_certified(examples, point.radius), examples.size(), confidence));
    }
    classes.push_back(std::move(shares));
  }
  return classes;
}

std::vector<BoundQuantile> bound_quantiles(const Log& log) {
  if (!log.protocol) return {};
  std::vector<double> bounds;
  bounds.reserve(log.examples.size());
  for (const CertifiedExample& example : log.examples) {
    bounds.push_back(example.correct() ? example.p_lower : 0.0);
  }
  std::sort(bounds.begin(), bounds.end());
  std::vector<BoundQuantile> quantiles;
  for (const double share : kQuantiles) {
    const auto at = static_cast<std::size_t>(share * static_cast<double>(bounds.size()));
    quantiles.push_back({share, bounds[std::min(at, bounds.size() - 1)]});
  }
  return quantiles;
}

}  // namespace

Analysis analyze(const Log& log, double confidence) {
  Analysis analysis;
  analysis.confidence = confidence;
  analysis.summary = summarize(log.examples);
  const auto abstained = static_cast<std::size_t>(
      std::count_if(log.examples.begin(), log.examples.end(),
                    [](const CertifiedExample& example) { return example.predicted == kAbstain; }));
  analysis.abstained = share_of(abstained, log.examples.size(), confidence);
  analysis.acr = acr_interval(log, confidence);
  analysis.curve = certified_curve(log, confidence);
  analysis.classes = class_shares(log, analysis.curve, confidence);
  analysis.bound_quantiles = bound_quantiles(log);
  return analysis;
}

}  // namespace heirloom::certificate

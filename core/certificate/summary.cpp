#include "core/certificate/summary.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace heirloom::certificate {
namespace {

double share(std::size_t count, std::size_t of) {
  return of == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(of);
}

}  // namespace

std::size_t count_certified(std::span<const CertifiedExample> examples, double radius) {
  return static_cast<std::size_t>(std::count_if(
      examples.begin(), examples.end(),
      [radius](const CertifiedExample& example) { return example.certified_at(radius); }));
}

double certified_accuracy(std::span<const CertifiedExample> examples, double radius) {
  return share(count_certified(examples, radius), examples.size());
}

Summary summarize(std::span<const CertifiedExample> examples) {
  Summary summary;
  summary.examples = examples.size();
  double radii = 0.0;
  std::size_t abstained = 0;
  for (const CertifiedExample& example : examples) {
    if (example.correct()) radii += example.radius;
    if (example.predicted == kAbstain) ++abstained;
  }
  if (!examples.empty()) summary.acr = radii / static_cast<double>(examples.size());
  summary.clean_accuracy = certified_accuracy(examples, 0.0);
  summary.abstain_rate = share(abstained, examples.size());
  return summary;
}

std::vector<double> paper_radii(double max_radius, double step) {
  constexpr double kUnits = 1e6;
  constexpr int kMost = 10000;
  std::vector<double> radii;
  for (int i = 0; step > 0.0 && i < kMost; ++i) {
    // To a millionth: three steps of 0.1 are 0.3, at which a log may certify, and nothing above.
    const double radius = std::round(i * step * kUnits) / kUnits;
    if (!(radius < max_radius)) break;
    radii.push_back(radius);
  }
  return radii;
}

std::string radius_key(double radius) {
  // Two digits where they say all, so that 0.5 and 0.50 are one key and 0.125 is not 0.12.
  const std::string shortest = fmt::format("{}", radius);
  const std::string two_digits = fmt::format("{:.2f}", radius);
  return std::stod(two_digits) == radius ? two_digits : shortest;
}

}  // namespace heirloom::certificate

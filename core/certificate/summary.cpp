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

std::vector<double> paper_radii(double max_radius) {
  constexpr double kStep = 0.25;
  constexpr int kMost = 1000;
  std::vector<double> radii;
  for (int i = 0; i < kMost && kStep * i < max_radius; ++i) radii.push_back(kStep * i);
  return radii;
}

std::string radius_key(double radius) {
  // Two digits where they say all, so that 0.5 and 0.50 are one key and 0.125 is not 0.12.
  const std::string shortest = fmt::format("{}", radius);
  const std::string two_digits = fmt::format("{:.2f}", radius);
  return std::stod(two_digits) == radius ? two_digits : shortest;
}

}  // namespace heirloom::certificate

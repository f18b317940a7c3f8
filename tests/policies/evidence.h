// Certificates with planted counts, and gates to judge them by.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/certificate/certificate.h"
#include "core/stats/smoothing.h"
#include "policies/judge.h"

namespace heirloom::policies {

inline constexpr std::int64_t kClasses = 4;

inline certificate::CertifiedExample robust(double radius) {
  certificate::CertifiedExample example;
  example.predicted = 0;  // set to the label by certificate_of
  example.radius = radius;
  example.p_lower = 0.9;
  return example;
}

inline certificate::CertifiedExample wrong() {
  certificate::CertifiedExample example = robust(0.3);
  example.predicted = -2;  // set to another class by certificate_of
  return example;
}

inline certificate::CertifiedExample abstaining() {
  certificate::CertifiedExample example;
  example.predicted = certificate::kAbstain;
  return example;
}

// The labels go round: example i is of class i mod kClasses.
inline certificate::Certificate certificate_of(
    std::vector<certificate::CertifiedExample> examples) {
  certificate::Certificate certificate;
  std::vector<std::uint32_t> indices;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const auto label = static_cast<std::int32_t>(i % static_cast<std::size_t>(kClasses));
    examples[i].index = static_cast<std::uint32_t>(3 * i);
    examples[i].label = label;
    if (examples[i].predicted == 0) examples[i].predicted = label;
    if (examples[i].predicted == -2) {
      examples[i].predicted = static_cast<std::int32_t>((label + 1) % kClasses);
    }
    indices.push_back(examples[i].index);
  }
  certificate.protocol.n0 = 100;
  certificate.protocol.n = 1000;
  certificate.protocol.alpha = 0.001;
  certificate.protocol.sigma = 0.5;
  certificate.protocol.kernel = "test";
  certificate.protocol.holdout_id = base::sha256("holdout");
  certificate.protocol.examples = certificate::example_list_digest(indices);
  certificate.examples = std::move(examples);
  return certificate;
}

// `certified` examples with radius `radius` first, then wrong ones up to n.
inline certificate::Certificate planted(std::size_t certified, std::size_t n, double radius = 0.6) {
  std::vector<certificate::CertifiedExample> examples;
  for (std::size_t i = 0; i < n; ++i) examples.push_back(i < certified ? robust(radius) : wrong());
  return certificate_of(std::move(examples));
}

inline double ceiling_of(const certificate::Certificate& certificate) {
  const auto& protocol = certificate.protocol;
  return stats::exact_radius_ceiling(protocol.sigma, protocol.n, protocol.alpha);
}

inline Threshold certified_at(double radius, double at_least) {
  Threshold threshold;
  threshold.metric = Metric::certified_accuracy;
  threshold.radius = radius;
  threshold.value = at_least;
  return threshold;
}

inline Threshold gate_on(Metric metric, double value, Baseline baseline = Baseline::absolute) {
  Threshold threshold;
  threshold.metric = metric;
  threshold.radius = has_radius(metric) ? 0.5 : 0.0;
  threshold.comparison = comparison_of(metric);
  threshold.baseline = baseline;
  threshold.value = value;
  return threshold;
}

inline Threshold pa_quantile(double quantile, double at_least) {
  Threshold threshold = gate_on(Metric::pa_quantile, at_least);
  threshold.quantile = quantile;
  return threshold;
}

inline JudgeInput input_of(const certificate::Certificate& candidate,
                           std::vector<Threshold> thresholds, double level = 0.05) {
  JudgeInput input;
  input.thresholds = std::move(thresholds);
  input.level = level;
  input.candidate = &candidate;
  input.classes = kClasses;
  return input;
}

}  // namespace heirloom::policies

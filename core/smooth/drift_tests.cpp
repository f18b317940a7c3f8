#include "core/smooth/drift_tests.h"

#include <algorithm>
#include <cmath>

#include "core/stats/binomial.h"
#include "core/stats/mmd.h"
#include "core/stats/permutation.h"
#include "core/stats/smoothing.h"
#include "core/stats/two_sample.h"

namespace heirloom::smooth {
namespace {

using certificate::OutputRow;
using jobs::DriftStatistic;
using jobs::DriftTest;
using jobs::PlannedTest;

constexpr std::size_t kStabilityBins = 10;

std::vector<double> output_of(std::span<const OutputRow> rows, std::size_t k) {
  std::vector<double> out;
  out.reserve(rows.size());
  for (const OutputRow& row : rows) out.push_back(static_cast<double>(row.outputs[k]));
  return out;
}

std::vector<float> points_of(std::span<const OutputRow> rows) {
  std::vector<float> out;
  for (const OutputRow& row : rows) out.insert(out.end(), row.outputs.begin(), row.outputs.end());
  return out;
}

std::vector<double> largest_of(std::span<const OutputRow> rows) {
  std::vector<double> out;
  for (const OutputRow& row : rows) {
    out.push_back(static_cast<double>(*std::max_element(row.outputs.begin(), row.outputs.end())));
  }
  return out;
}

DriftStatistic compare_outputs(const DriftSamples& samples) {
  const std::size_t classes = samples.reference.front().outputs.size();
  DriftStatistic worst;
  worst.test = DriftTest::bbsd_ks;
  for (std::size_t k = 0; k < classes; ++k) {
    const auto test =
        stats::kolmogorov_smirnov(output_of(samples.batch, k), output_of(samples.reference, k));
    if (k > 0 && test.distance <= worst.statistic) continue;
    worst.statistic = worst.effect = test.distance;
    worst.p_value = std::min(1.0, test.p_value * static_cast<double>(classes));
    worst.output = static_cast<std::int64_t>(k);
  }
  return worst;
}

DriftStatistic compare_means(const DriftSamples& samples, std::uint64_t most,
                             base::PhiloxWords& words) {
  const std::size_t classes = samples.reference.front().outputs.size();
  const std::size_t size = samples.reference.size();
  stats::RandomSubset subset(size, std::min(size, kMostPoints));
  std::vector<OutputRow> chosen;
  for (const std::uint32_t place : subset.draw(words)) chosen.push_back(samples.reference[place]);
  const std::vector<float> x = points_of(chosen);
  const std::vector<float> y = points_of(samples.batch);
  const stats::MeanDiscrepancy test =
      stats::mean_discrepancy({x, classes}, {y, classes}, most, words);
  return {DriftTest::mmd, test.squared, test.p_value, std::sqrt(std::max(test.squared, 0.0)), -1,
          test.draws};
}

DriftStatistic compare_labels(const DriftSamples& samples, std::uint64_t most,
                              base::PhiloxWords& words) {
  const auto& [reference, batch] = std::pair(samples.reference_labels, samples.batch_labels);
  const stats::MonteCarlo test = stats::chi_square_test(reference, batch, most, words);
  return {DriftTest::label_chi2,
          stats::chi_square(reference, batch),
          test.p_value,
          stats::total_variation(reference, batch),
          -1,
          test.draws};
}

}  // namespace

jobs::Coverage coverage_of(std::span<const OutputRow> rows, const certificate::Protocol& protocol,
                           double radius) {
  const auto n = static_cast<std::int64_t>(protocol.n);
  jobs::Coverage out;
  out.examples = rows.size();
  for (const OutputRow& row : rows) {
    const double lower =
        stats::clopper_pearson_lower(static_cast<std::int64_t>(row.hits), n, protocol.alpha);
    if (row.selected < 0 || lower < 0.5) continue;
    if (stats::certified_radius(protocol.sigma, lower) < radius) continue;
    ++out.certified;
    if (row.selected == row.label) ++out.right;
  }
  return out;
}

std::vector<DriftStatistic> compare(const DriftSamples& samples, std::span<const PlannedTest> tests,
                                    const base::Digest& seed) {
  std::vector<DriftStatistic> out;
  for (const PlannedTest& planned : tests) {
    if (!jobs::has_p_value(planned.test)) continue;
    base::PhiloxWords words(base::FieldEncoder()
                                .text("heirloom/drift-permutations/v1")
                                .digest(seed)
                                .text(jobs::to_string(planned.test))
                                .sha256());
    const std::uint64_t most = stats::draws_for(planned.level);
    switch (planned.test) {
      case DriftTest::bbsd_ks:
        out.push_back(compare_outputs(samples));
        break;
      case DriftTest::mmd:
        out.push_back(compare_means(samples, most, words));
        break;
      case DriftTest::label_chi2:
        out.push_back(compare_labels(samples, most, words));
        break;
      case DriftTest::certified_coverage:
      case DriftTest::certified_accuracy:
        break;
    }
  }
  return out;
}

double stability_of(const DriftSamples& samples) {
  return stats::population_stability(largest_of(samples.reference), largest_of(samples.batch),
                                     kStabilityBins);
}

}  // namespace heirloom::smooth

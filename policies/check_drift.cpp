#include "policies/check_drift.h"

#include <cmath>

#include <fmt/format.h>

#include "core/stats/permutation.h"
#include "core/stats/smoothing.h"

namespace heirloom::policies {
namespace {

using Severity = Finding::Severity;

bool permutes(jobs::DriftTest test) {
  return test == jobs::DriftTest::mmd || test == jobs::DriftTest::label_chi2;
}

// A p-value by permutation is never below one in so many draws.
void check_levels(const DriftSettings& drift, std::vector<Finding>& findings) {
  for (const jobs::PlannedTest& planned : plan_tests(drift, std::nullopt)) {
    if (!permutes(planned.test)) continue;
    const std::uint64_t draws = stats::draws_for(planned.level);
    if (draws <= kMostPermutations) continue;
    const double times = static_cast<double>(draws) / static_cast<double>(kMostPermutations);
    findings.push_back(
        {Severity::error,
         fmt::format("drift: {} cannot reach its level, {:.2g}: that takes {} permutations, and {} "
                     "are the most; test every {:.0f} s or allow {:.2g} false alarms a year",
                     jobs::to_string(planned.test), planned.level, draws, kMostPermutations,
                     std::ceil(static_cast<double>(drift.every.count()) * times),
                     drift.false_alarms_per_year * times)});
  }
}

void check_radius(const DriftSettings& drift, const Policy& policy,
                  std::vector<Finding>& findings) {
  const double ceiling = stats::exact_radius_ceiling(policy.model.sigma, drift.n, drift.alpha);
  if (drift.radius < ceiling) return;
  findings.push_back(
      {Severity::error, fmt::format("drift: {} draws certify no radius above {:.3f}, so nothing is "
                                    "covered at {}; raise drift.n or lower drift.radius",
                                    drift.n, std::floor(ceiling * 1e3) / 1e3, drift.radius)});
}

}  // namespace

void check_drift(const DriftSettings& drift, const Policy& policy, std::uint64_t examples,
                 std::vector<Finding>& findings) {
  check_levels(drift, findings);
  check_radius(drift, policy, findings);
  if (examples == 0) return;
  const DriftSizes sizes = drift_sizes(drift, examples, kReferenceTimes * kMostLabels);
  if (sizes.batch < jobs::kLeastDriftBatch) {
    findings.push_back(
        {Severity::warning,
         fmt::format("drift: a reference of {} examples allows batches of {}, and {} are the "
                     "fewest; a holdout of {} or more can be tested against",
                     examples, sizes.batch, jobs::kLeastDriftBatch,
                     kReferenceTimes * jobs::kLeastDriftBatch)});
    return;
  }
  findings.push_back(
      {Severity::note, fmt::format("drift: batches of {} new examples against {} of the champion's "
                                   "holdout; {:g} false alarms a year",
                                   sizes.batch, sizes.reference, drift.false_alarms_per_year)});
}

}  // namespace heirloom::policies

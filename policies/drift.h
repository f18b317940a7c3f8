// When new data count as drifted: how many alarms a year chance may give, what each test may spend
// of them, and what its figures mean (docs/drift.md). Pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/jobs/drift.h"
#include "core/stats/shiryaev_roberts.h"

namespace heirloom::policies {

// `drift:` of a policy.
struct DriftSettings {
  std::chrono::seconds every{3600};          // no two tests of a model are nearer than this
  std::vector<jobs::DriftTest> tests;        // not empty, none twice
  double false_alarms_per_year = 1.0;        // of all tests together, by chance
  std::chrono::seconds cool_down{6 * 3600};  // after an alarm, no test for so long
  std::uint64_t batch = 200;                 // new examples that are sampled, at most
  std::uint64_t n0 = 64;                     // draws behind the outputs and the class
  std::uint64_t n = 200;                     // and behind its certificate
  double alpha = 0.001;
  double radius = 0.0;  // where coverage is measured
};

// The reference is to be at least so many times the batch: it is the same in test after test, and
// its own chance must be small beside the batch's.
inline constexpr std::uint64_t kReferenceTimes = 30;
// Labels cost nothing to look at.
inline constexpr std::uint64_t kMostLabels = 5000;
// A level that needs more permutations than this is out of reach.
inline constexpr std::uint64_t kMostPermutations = 4'000'000;

struct DriftSizes {
  std::uint64_t reference = 0;  // examples of the reference that are sampled
  std::uint64_t batch = 0;
  std::uint64_t labels = 0;
};
// For a reference of so many examples, and labels of so many; the batches can be too small to test.
DriftSizes drift_sizes(const DriftSettings& settings, std::uint64_t examples,
                       std::uint64_t labelled);

// Each test with its level when the last test was `since_last` ago (absent: there was none):
// F w dt / 1 year, dt from `every` to 30 days; tests without p-values have none.
std::vector<jobs::PlannedTest> plan_tests(const DriftSettings& settings,
                                          std::optional<std::chrono::seconds> since_last);

// Where a sum of Shiryaev and Roberts is an alarm: tests a year / (F w).
double alarm_sum(const DriftSettings& settings);

// Stored by these names. warning: ten times likelier by chance than an alarm, or significant but
// too small to matter.
enum class Band { none, warning, drift };
std::string_view to_string(Band band);
base::Result<Band> parse_band(std::string_view text);

// The sums of the tests that add up, since the reference or their last alarm.
struct DriftSums {
  stats::ShiryaevRoberts::Sums coverage{};
  stats::ShiryaevRoberts::Sums accuracy{};
};

// One test's part of a report.
struct DriftLine {
  jobs::DriftTest test = jobs::DriftTest::bbsd_ks;
  Band band = Band::none;
  double statistic = 0.0;         // D, MMD^2, chi-square, or the sum
  std::optional<double> p_value;  // none for the tests that add up
  double limit = 0.0;             // the level of the p-value, or the sum that is an alarm
  double effect = 0.0;            // D, MMD, total variation, or how much the share fell
  double least_effect = 0.0;      // less does not matter
  std::int64_t output = -1;       // bbsd_ks: the class whose output is farthest off

  // "certified coverage fell by 0.12: sum 1.2e+05 of 8760"
  std::string text() const;
};

struct DriftAssessment {
  Band band = Band::none;  // the worst of the lines
  std::vector<DriftLine> lines;
  DriftSums sums;       // to go on from; 0 after an alarm of theirs
  std::string summary;  // one line for people
};

// What the worker found, weighed. `sums`: from the reports on this reference so far.
DriftAssessment assess(const DriftSettings& settings, const std::vector<jobs::PlannedTest>& planned,
                       const jobs::Drifted& found, const DriftSums& sums);

}  // namespace heirloom::policies

// The job of testing new data for drift: are they like the data that the champion was judged on, as
// the champion sees them? (docs/drift.md)
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/jobs/data_part.h"
#include "core/jobs/output_file.h"

namespace heirloom::jobs {

// Relative to out/: what the champion made of each example (core/certificate/outputs.h).
inline constexpr std::string_view kFreshOutputs = "fresh.outputs";
inline constexpr std::string_view kReferenceOutputs = "reference.outputs";

// Stored by these names: never renamed.
enum class DriftTest {
  bbsd_ks,             // Kolmogorov-Smirnov on each softmax output, Bonferroni over them
  mmd,                 // maximum mean discrepancy of the softmax outputs
  label_chi2,          // chi-square of the labels
  certified_coverage,  // share certified at the radius, whatever the label
  certified_accuracy,  // share certified at the radius for its label
};
inline constexpr std::array kDriftTests = {DriftTest::bbsd_ks, DriftTest::mmd,
                                           DriftTest::label_chi2, DriftTest::certified_coverage,
                                           DriftTest::certified_accuracy};
std::string_view to_string(DriftTest test);
base::Result<DriftTest> parse_drift_test(std::string_view text);
// Whether it looks at one batch alone, with a p-value; the others add up over batches.
bool has_p_value(DriftTest test);

// Fewer examples than this are not tested: nothing could be found.
inline constexpr std::uint64_t kLeastDriftBatch = 20;

struct PlannedTest {
  DriftTest test = DriftTest::bbsd_ks;
  double level = 0.0;  // of its p-value; 0 for those that have none

  friend bool operator==(const PlannedTest&, const PlannedTest&) = default;
};

struct Drift {
  FileRef model;               // the champion's artifact
  base::Digest classifier_id;  // must be what the worker computes from those bytes
  // certificate::Protocol as JSON, exact mode: how outputs are sampled. Its kernel must be this
  // worker's own, its holdout and list of examples those of the reference.
  std::string protocol;
  base::Digest noise_key;  // of no certification
  double radius = 0.0;     // where coverage is measured
  DataPart reference;
  std::vector<std::uint32_t> reference_examples;  // indices into it, ascending
  // kReferenceOutputs of an earlier job for the same of all the above; absent: sampled anew.
  std::optional<FileRef> reference_outputs{};
  std::vector<std::uint64_t> reference_labels;  // [classes], counts to hold the new labels against
  DataPart fresh;                               // where the new examples are
  std::vector<FileRef> known;  // files of sorted image digests: examples that are not new
  std::uint64_t batch = 0;     // most new examples whose outputs are sampled
  std::uint64_t labels = 0;    // most new examples whose labels are counted
  base::Digest seed;           // chooses among the new examples, and draws the permutations
  std::vector<PlannedTest> tests;
};

// Of how many examples, how many are certified at the radius, and how many for their label.
struct Coverage {
  std::uint64_t examples = 0;
  std::uint64_t certified = 0;
  std::uint64_t right = 0;

  friend bool operator==(const Coverage&, const Coverage&) = default;
};

struct DriftStatistic {
  DriftTest test = DriftTest::bbsd_ks;
  double statistic = 0.0;    // D, MMD^2 or chi-square
  double p_value = 1.0;      // corrected for the number of outputs
  double effect = 0.0;       // D, MMD or the total variation of the labels
  std::int64_t output = -1;  // bbsd_ks: the class whose output is farthest off
  std::uint64_t draws = 0;   // of a Monte-Carlo p-value

  friend bool operator==(const DriftStatistic&, const DriftStatistic&) = default;
};

// What the worker found; what it means is decided by policies/drift.h. With fewer than
// kLeastDriftBatch new examples there is nothing but their number.
struct Drifted {
  std::uint64_t fresh = 0;   // new examples that there are
  std::uint64_t labels = 0;  // of which labels were counted
  Coverage reference{};
  Coverage batch{};
  std::vector<DriftStatistic> tests{};  // those of the job that have a p-value, in its order
  double stability = 0.0;               // population stability index of the largest output; no test
  std::optional<OutputFile> outputs{};
  std::optional<OutputFile> reference_outputs{};  // when the job gave none
  std::uint64_t samples = 0;
};

}  // namespace heirloom::jobs

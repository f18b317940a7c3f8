// The end of a job: result.json and the exit code.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/jobs/data_part.h"
#include "core/jobs/drift.h"
#include "core/jobs/output_file.h"
#include "core/jobs/prediction.h"

namespace heirloom::jobs {

// Frozen values. A worker killed by a signal writes no result and is tried again, within bounds.
enum class ExitCode : int {
  done = 0,
  bad_job = 64,    // job.json is wrong or does not fit this worker: permanent
  bad_data = 65,   // data or model is wrong: permanent
  numerical = 70,  // training diverged or produced values that are not finite: permanent
  try_again = 75,  // no space, interrupted: a later attempt may succeed
};

ExitCode exit_code_for(base::ErrorKind kind);

struct VersionInspected {
  std::uint64_t parameters = 0;      // trainable numbers in the network
  std::optional<OutputFile> file{};  // a copy of the file that it was registered with
};

struct SnapshotInspected {
  // A part of pictures has its manifest beside it, as kTrainManifestOutput or
  // kHoldoutManifestOutput: the part says what it hashes to.
  DataPart train;
  // Image digests without labels: a relabelled training image is still a training image. The
  // daemon compares them with every other snapshot of the model.
  OutputFile train_images;
  bool has_holdout = false;
  DataPart holdout;
  OutputFile holdout_images;   // holdout only
  base::Digest holdout_id;     // SHA-256 of the sorted example digests
  OutputFile example_digests;  // holdout only
};

// How near a transferred student came to its teacher on noisy training examples, in the outputs
// that were matched (core/train/transfer_report.h). Labels are read for the accuracies alone.
inline constexpr std::array kMarginLevels = {0.05, 0.25, 0.5, 0.75, 0.95};
struct TransferReport {
  std::int64_t examples = 0;             // one noise draw each
  double distance = 0.0;                 // mean l2 distance of the outputs
  std::vector<double> margin_quantiles;  // the teacher's lead, at kMarginLevels
  double teacher_accuracy = 0.0;         // of the base classifiers, under noise
  double student_accuracy = 0.0;
  double disagreement = 0.0;  // share of the examples on which their classes differ
  // P(lead < threshold) + sqrt(2) distance / threshold at its least: at least the disagreement.
  double threshold = 0.0;
  double disagreement_bound = 1.0;

  friend bool operator==(const TransferReport&, const TransferReport&) = default;
};

// The loss of one step, for a curve.
struct LossPoint {
  std::int64_t step = 0;
  double loss = 0.0;

  friend bool operator==(const LossPoint&, const LossPoint&) = default;
};
inline constexpr std::size_t kMostLossPoints = 200;

struct Trained {
  OutputFile model;            // the artifact
  base::Digest classifier_id;  // SHA-256 of its canonical form (docs/statistics.md section 3)
  std::int64_t steps = 0;      // optimiser steps over all attempts
  double final_loss = 0.0;     // mean over the last epoch
  int recoveries = 0;          // how often it diverged and was set back to half the learning rate
  // What decides the bits of a forward pass here: library, instruction set and precision. It
  // becomes part of the certification protocol.
  std::string kernel;
  // Rows of every forward pass when this model is certified, fixed per architecture and precision
  // (kernels give other bits at other batch sizes). Recorded in the certificate.
  std::int64_t forward_batch = 0;
  std::optional<TransferReport> transfer;  // of a transfer only
  std::optional<OutputFile> weights{};     // of a built-in architecture: safetensors, not folded
  // Some of the steps, ascending, as the events of all attempts had them.
  std::vector<LossPoint> curve{};
};

// How a training went, as it is kept with the generation: seconds (JobResult::seconds), steps,
// final_loss, recoveries, curve ([[step, loss], ...]) and transfer.
std::string training_report_json(const Trained& trained, double seconds);
// Its seconds; none in a report from before they were kept.
std::optional<double> training_seconds(const std::string& report);

struct Certified {
  OutputFile counts;  // raw class counts, one row an example, in the order of the job's list
  std::uint64_t samples = 0;  // Monte-Carlo samples drawn by all attempts, padding not counted
};

struct Attacked {
  OutputFile rows;  // core/certificate/falsification.h, one row a target, in the order of the job's
  std::uint64_t samples = 0;  // noisy copies classified by this attempt
};

using Outcome = std::variant<VersionInspected, SnapshotInspected, Trained, Certified, Attacked,
                             Predicted, Drifted>;

struct JobResult {
  std::int64_t job_id = 0;
  std::int64_t attempt = 0;
  std::int64_t epoch = 0;
  double seconds = 0.0;  // wall clock of the work, summed over attempts that left checkpoints
  std::int64_t started_from = 0;  // step or example that this attempt went on from
  base::Result<Outcome> outcome;  // or the error, in words for people
};

std::string to_json(const JobResult& result);
base::Result<JobResult> result_from_json(std::string_view text);

}  // namespace heirloom::jobs

// A job: everything one worker process is told, read from JOB_DIR/job.json.
//
// The contract: `heirloom-worker JOB_DIR` reads job.json, appends events to
// events.jsonl, keeps checkpoints under checkpoints/, writes outputs under out/, and last
// result.json by atomic rename. A second attempt runs in the same folder and goes on from the
// checkpoint. Field names are the wire format: written out here, never renamed.
#pragma once

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
#include "core/jobs/model_spec.h"
#include "core/jobs/prediction.h"
#include "core/jobs/train_method.h"
#include "core/jobs/train_settings.h"

namespace heirloom::jobs {

inline constexpr int kContractVersion = 1;
inline constexpr std::string_view kJobFile = "job.json";
inline constexpr std::string_view kEventsFile = "events.jsonl";
inline constexpr std::string_view kResultFile = "result.json";
inline constexpr std::string_view kOutputFolder = "out";
inline constexpr std::string_view kCheckpointFolder = "checkpoints";
// Relative to out/: the TorchScript artifact of a training job.
inline constexpr std::string_view kModelOutput = "model.pt";
// Relative to out/: the file that a version was registered with, as it was inspected.
inline constexpr std::string_view kVersionFileOutput = "version.file";
// Relative to out/: the weights that the artifact was made from, for a built-in architecture;
// safetensors.
inline constexpr std::string_view kWeightsOutput = "weights.safetensors";
// Relative to out/: the digests of a holdout's examples, 32 bytes each, in example order.
inline constexpr std::string_view kExampleDigestsOutput = "holdout.digests";
// Relative to out/: the digests of a part's images without their labels, 32 bytes each, sorted.
inline constexpr std::string_view kTrainImagesOutput = "train.images";
inline constexpr std::string_view kHoldoutImagesOutput = "holdout.images";
// Relative to out/: which files a part of pictures has (core/data/manifest.h).
inline constexpr std::string_view kTrainManifestOutput = "train.manifest";
inline constexpr std::string_view kHoldoutManifestOutput = "holdout.manifest";
// Relative to out/: the raw counts of a certification (core/certificate/counts.h).
inline constexpr std::string_view kCountsOutput = "counts.tsv";
// Relative to out/: what an attack found (core/certificate/falsification.h).
inline constexpr std::string_view kAttackOutput = "attack.tsv";

// Can this architecture be built for this model, and does one dry batch go through it? If its
// weights are to come from a file, do they fit?
struct InspectVersion {
  ArchSpec arch;
  // Absolute path: the TorchScript module that it is, or a safetensors file of weights to begin
  // with; empty: a built-in architecture with fresh weights.
  std::string file{};
  // What the file must be, where it was signed: nothing else is opened.
  std::optional<base::Digest> sha256{};
};

// Read a snapshot's files and describe them. The holdout is optional.
struct InspectSnapshot {
  DataSource train;
  bool has_holdout = false;
  DataSource holdout;
};

// Train `arch` (kind `train`, or `transfer` when the method is TransferMethod).
struct Train {
  ArchSpec arch;
  std::optional<FileRef> file{};  // what InspectVersion::file was
  DataPart train;
  TrainMethod method;
  TrainSettings settings;
  // Batch order and training noise follow from it, and the initial weights unless a file has them.
  std::uint64_t seed = 0;
  Precision precision = Precision::fp32;  // of the artifact; training has its own
};

// At least this many examples certified at `radius`, or the model cannot pass: the certification
// ends early, in a rejection, when that is out of reach.
struct Floor {
  double radius = 0.0;
  std::uint64_t needed = 0;

  friend bool operator==(const Floor&, const Floor&) = default;
};

// Certification of the listed examples of a holdout, or of one shard of them: those at positions
// shard, shard + shards, shard + 2 shards, ... of the list.
struct Certify {
  FileRef model;               // the artifact; the worker loads these bytes and no others
  base::Digest classifier_id;  // must be what the worker computes from those bytes
  DataPart holdout;
  // certificate::Protocol as JSON: mode, draws, alpha, kernel, ... Its kernel must be this worker's
  // own (kernels decide the bits, see result.h), its holdout and list of examples those here.
  std::string protocol;
  std::vector<std::uint32_t> examples;  // indices into the holdout, ascending
  base::Digest noise_key;               // the holdout's secret K_h
  std::vector<Floor> floors;            // empty: never ends early; empty in a shard
  std::uint32_t shard = 0;              // 0 to shards - 1
  std::uint32_t shards = 1;
};

// One certified example, and the l2 radius within which its class is disputed.
struct AttackTarget {
  std::uint32_t index = 0;  // into the holdout
  std::int32_t claimed = 0;
  double epsilon = 0.0;

  friend bool operator==(const AttackTarget&, const AttackTarget&) = default;
};

// An attempt to break certificates that were given under `protocol` (as in Certify).
struct Attack {
  FileRef model;
  base::Digest classifier_id;
  DataPart holdout;
  std::string protocol;
  std::vector<AttackTarget> targets;  // ascending index, not empty
  base::Digest noise_key;             // the holdout's secret K_h
};

using Task = std::variant<InspectVersion, InspectSnapshot, Train, Certify, Attack, Predict, Drift>;
// "inspect", "train", "transfer", "certify", "attack", "predict" or "drift".
std::string_view task_kind(const Task& task);

struct Job {
  std::int64_t id = 0;
  std::int64_t attempt = 1;  // 1, 2, ...: rises with each launch of the same job
  std::int64_t epoch = 0;    // the daemon life that launched it; a result carries it back
  int threads = 1;
  Device device = Device::cpu;
  ModelSpec model;
  Task task;
};

// A task alone, as stored with a registration.
std::string task_to_json(const Task& task);
base::Result<Task> task_from_json(std::string_view text);

std::string to_json(const Job& job);
base::Result<Job> job_from_json(std::string_view text);

}  // namespace heirloom::jobs

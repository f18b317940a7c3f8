// Messages with every field set, and edits of their JSON.
#pragma once

#include <functional>
#include <limits>
#include <string>

#include <nlohmann/json.hpp>

#include "core/jobs/job.h"
#include "core/jobs/result.h"

namespace heirloom::jobs {

inline base::Digest digest_of(std::string_view word) {
  return base::sha256(word);
}

inline DataPart sample_part() {
  DataPart part;
  part.format = DataFormat::idx;
  part.files = {{"/data/images.gz", digest_of("images"), 1234},
                {"/data/labels", digest_of("l"), 7}};
  part.examples = 9;
  part.class_counts = {4, 5};
  part.digest = digest_of("part");
  return part;
}

inline DataPart sample_glyphs() {
  DataPart part;
  part.format = DataFormat::glyphs;
  part.glyphs_seed = std::numeric_limits<std::uint64_t>::max();
  part.examples = 3;
  part.class_counts = {3, 0};
  part.digest = digest_of("glyphs");
  return part;
}

inline DataPart sample_folder() {
  DataPart part;
  part.format = DataFormat::folder;
  part.examples = 3;
  part.class_counts = {1, 2};
  part.digest = digest_of("folder");
  part.folder = PictureFolder{"/data/pets", {"cat", "dog"}, {"", digest_of("manifest"), 321}};
  return part;
}

inline Job job_with(Task task) {
  Job job;
  job.id = 12;
  job.attempt = 3;
  job.epoch = 4;
  job.threads = 2;
  job.model = {"digits", {1, 28, 28}, 2, 0.25};
  job.task = std::move(task);
  return job;
}

inline Train sample_train(TrainMethod method) {
  Train train;
  train.arch = {"resnet", {{"depth", "8"}, {"width", "16"}}};
  train.train = sample_part();
  train.method = std::move(method);
  train.settings = {.epochs = 7,
                    .batch = 128,
                    .learning_rate = 0.1,
                    .momentum = 0.8,
                    .weight_decay = 5e-4,
                    .schedule = Schedule::multistep,
                    .milestones = {3, 5},
                    .milestone_factor = 0.2,
                    .label_smoothing = 0.1,
                    .clip_norm = 2.0,
                    .ema_decay = 0.99,
                    .train_precision = TrainPrecision::bf16,
                    .augment = Augment::crop_flip};
  train.seed = std::numeric_limits<std::uint64_t>::max();
  train.file = FileRef{"/weights/w.safetensors", digest_of("weights"), 4096};
  return train;
}

inline Certify sample_certify() {
  Certify certify;
  certify.model = {"/artifacts/model.pt", digest_of("model"), 99};
  certify.classifier_id = digest_of("classifier");
  certify.holdout = sample_part();
  certify.examples = {0, 3, 8};
  certify.noise_key = digest_of("secret");
  certify.protocol = R"({"mode":"exact","n":700})";
  certify.floors = {{0.5, 2}};
  certify.shard = 1;
  certify.shards = 3;
  return certify;
}

inline Predict sample_predict() {
  Predict predict;
  predict.model = {"/artifacts/model.pt", digest_of("model"), 99};
  predict.classifier_id = digest_of("classifier");
  predict.kernel = "kernel";
  predict.forward_batch = 64;
  predict.grid = true;
  predict.n0 = 100;
  predict.n = 10000;
  predict.alpha = 0.001;
  predict.noise_key = digest_of("fresh");
  predict.files = {{{"/jobs/1/images/0", digest_of("cat"), 7}, "cat.png", 0, 0},
                   {{"/jobs/1/images/1", digest_of("t10k"), 8}, "t10k.gz", 3, 5}};
  return predict;
}

inline Attack sample_attack() {
  Attack attack;
  attack.model = {"/artifacts/model.pt", digest_of("model"), 99};
  attack.classifier_id = digest_of("classifier");
  attack.holdout = sample_part();
  attack.protocol = R"({"mode":"exact","n":700})";
  attack.targets = {{0, 1, 0.25}, {8, 0, 1e-6}};
  attack.noise_key = digest_of("secret");
  return attack;
}

inline Drift sample_drift() {
  Drift drift;
  drift.model = {"/artifacts/model.pt", digest_of("model"), 99};
  drift.classifier_id = digest_of("classifier");
  drift.protocol = R"({"mode":"exact","n":200})";
  drift.noise_key = digest_of("drift");
  drift.radius = 0.5;
  drift.reference = sample_part();
  drift.reference_examples = {0, 3, 8};
  drift.reference_outputs = FileRef{"/artifacts/reference", digest_of("reference"), 77};
  drift.reference_labels = {40, 50};
  drift.fresh = sample_glyphs();
  drift.known = {{"/artifacts/a", digest_of("a"), 32}, {"/artifacts/b", digest_of("b"), 64}};
  drift.batch = 100;
  drift.labels = 500;
  drift.seed = digest_of("seed");
  drift.tests = {{DriftTest::bbsd_ks, 2.5e-5}, {DriftTest::certified_coverage, 0.0}};
  return drift;
}

// The JSON `text` after `change`.
inline std::string edited(const std::string& text,
                          const std::function<void(nlohmann::json&)>& change) {
  nlohmann::json json = nlohmann::json::parse(text);
  change(json);
  return json.dump();
}

}  // namespace heirloom::jobs

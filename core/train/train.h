// Trains one network to the end, going on from a checkpoint if there is one. No LibTorch in this
// header.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/data/dataset.h"
#include "core/jobs/job.h"
#include "core/jobs/result.h"

namespace heirloom::train {

struct TrainTask {
  jobs::ModelSpec model;
  jobs::Train spec;
  const data::Dataset* dataset = nullptr;  // not owned
  std::string_view teacher;                // artifact bytes, SHA-256 checked; only for transfer
  std::string_view file{};                 // arch::build's: checked bytes, or empty
  int threads = 1;                         // inside an operation; other numbers, other bits
  std::filesystem::path checkpoints;       // an existing folder
  base::Digest fingerprint;                // of the whole task: checkpoints of another are not read
  std::chrono::milliseconds first_checkpoint{1000};  // after the start
  std::chrono::milliseconds checkpoint_every{5000};
};

struct Position {
  std::int64_t step = 0;  // optimiser steps done
  std::int64_t total = 0;
  double loss = 0.0;               // of the last step
  std::optional<double> distance;  // of student and teacher on the last batch: transfer only
  double images_per_second = 0.0;  // of this attempt
};

// All run on the calling thread; each may be empty.
struct TrainHooks {
  std::function<void(const Position&)> on_start;  // once, at the step this attempt goes on from
  std::function<void(const Position&)> on_step;
  // In whole words: a damaged checkpoint was passed over; the run diverged and was set back.
  std::function<void(std::string)> on_warning;
  // Asked after each step; true ends the run with a checkpoint and `unavailable`.
  std::function<bool()> should_stop;
};

struct TrainOutcome {
  std::string artifact;
  std::string weights;  // those the artifact was made from, as a safetensors file
  base::Digest classifier_id;
  std::int64_t steps = 0;
  int recoveries = 0;  // how often it was set back after diverging
  std::int64_t started_from = 0;
  double final_loss = 0.0;                       // mean over the last epoch
  std::chrono::milliseconds worked{0};           // over all attempts that left checkpoints
  std::optional<jobs::TransferReport> transfer;  // of a transfer only
};

// With equal threads, build and machine the artifact's bytes follow from the task alone, however
// often it was stopped and resumed. Errors: usage, bad_data, numerical (diverged, also
// after it was set back twice), unavailable
// (stopped), io (a checkpoint could not be written).
base::Result<TrainOutcome> train(const TrainTask& task, const TrainHooks& hooks);

}  // namespace heirloom::train

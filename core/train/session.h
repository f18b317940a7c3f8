// One training run in memory: network, method, optimiser and position. Steps forward, goes back
// when the run is lost, and turns its whole state into bytes and back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/data/dataset.h"
#include "core/jobs/job.h"
#include "core/train/loss_guard.h"
#include "core/train/method.h"
#include "core/train/sgd.h"
#include "core/train/weight_average.h"

namespace heirloom::train {

struct SessionTask {
  jobs::ModelSpec model;
  jobs::ArchSpec arch;
  std::string_view file;  // arch::build's
  jobs::TrainMethod method;
  jobs::TrainSettings settings;
  std::uint64_t seed = 0;
  jobs::Precision precision = jobs::Precision::fp32;  // of artifact()
  const data::Dataset* dataset = nullptr;             // not owned
  std::string_view teacher;                           // artifact bytes; only transfer reads them
};

// Not thread-safe.
class Session {
 public:
  // Builds the network with its initial weights and pushes one batch of two through student
  // (and teacher). Errors: usage or bad_data when something does not fit the model.
  static base::Result<std::unique_ptr<Session>> create(const SessionTask& task);

  std::int64_t step() const { return step_; }  // optimiser steps done
  std::int64_t total_steps() const { return steps_per_epoch_ * task_.settings.epochs; }
  bool finished() const { return step_ >= total_steps(); }

  // One optimiser step; returns the number of images it used. Errors (numerical): the loss, the
  // gradient or a weight is not finite, or the watched loss says that the run has diverged. The
  // session is then of no further use unless recover() says so.
  base::Result<std::int64_t> advance();

  // Goes back to the last point at which all was well, one of every hundred steps, and on at half
  // the learning rate. False, and nothing is changed, when it did so twice already.
  bool recover();
  int recoveries() const { return recoveries_; }
  // Calls of advance() that ended well, those undone by recover() included: it only rises.
  std::int64_t steps_taken() const { return steps_taken_; }

  double last_loss() const { return last_loss_; }
  double last_watched() const { return last_watched_; }  // StepLoss::watched
  // Mean loss over the images of the epoch that is running or, at its end, has run.
  double epoch_loss() const;

  // Everything that later steps and recoveries depend on. restore() needs a session of the same
  // task; on an error (bad_data) the session is unchanged or of no further use.
  std::string state() const;
  base::Result<void> restore(std::string_view bytes);

  // The artifact of the network as it is now, and its weights as a safetensors file (empty for a
  // TorchScript architecture); both by the average of the weights if there is one.
  base::Result<std::string> artifact() const;
  base::Result<std::string> weights() const;

 private:
  Session(const SessionTask& task, std::shared_ptr<arch::Classifier> network,
          std::unique_ptr<Method> method);
  Batch next_batch(const StepRandomness& randomness);
  base::Result<void> take_step(const Batch& batch, const StepRandomness& randomness);
  std::vector<std::pair<std::string, torch::Tensor>> tensors() const;
  base::Result<std::shared_ptr<arch::Classifier>> exported_network() const;
  std::string point() const;  // the state without recoveries
  void go_to(std::string_view point);

  // Constant after construction.
  SessionTask task_;
  std::int64_t steps_per_epoch_;
  // The state.
  std::shared_ptr<arch::Classifier> network_;
  std::unique_ptr<Method> method_;
  Sgd optimiser_;
  std::optional<WeightAverage> average_;
  LossGuard guard_;
  std::int64_t step_ = 0;
  double loss_sum_ = 0.0;  // over the images of the epoch
  std::int64_t loss_images_ = 0;
  double last_loss_ = 0.0;
  double last_watched_ = 0.0;  // nothing follows from it, and it is not saved
  // Recoveries, and the point that the next one goes back to.
  int recoveries_ = 0;
  std::int64_t steps_taken_ = 0;
  std::string last_good_;
  // The order of the epoch that order_epoch_ names: follows from the seed.
  std::vector<std::uint32_t> order_;
  std::int64_t order_epoch_ = -1;
};

}  // namespace heirloom::train

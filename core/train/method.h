// What a training method is: a loss for one batch.
#pragma once

#include <memory>
#include <string_view>

#include "core/arch/classifier.h"
#include "core/base/result.h"
#include "core/jobs/job.h"
#include "core/train/batch.h"

namespace heirloom::train {

struct StepContext {
  const Batch& batch;
  const StepRandomness& randomness;
  std::int64_t epoch = 0;        // from 0
  double label_smoothing = 0.0;  // of every cross-entropy with a label
};

struct StepLoss {
  torch::Tensor total;  // a scalar whose gradient reaches the parameters of the network
  // A scalar without gradient that a sound run brings down: the classification loss alone (for
  // transfer the distance from the teacher), free of weights that change over the run. The guard
  // against divergence watches it.
  torch::Tensor watched;
};

class Method {
 public:
  virtual ~Method() = default;
  // The network is in training mode before and after.
  virtual StepLoss loss(arch::Classifier& network, const StepContext& step) = 0;
};

// `teacher` holds the bytes of the teacher's artifact, whose SHA-256 the caller has checked; only
// transfer reads it. Errors: settings out of range; a teacher of another shape or other classes.
base::Result<std::unique_ptr<Method>> make_method(const jobs::TrainMethod& settings,
                                                  const jobs::ModelSpec& model,
                                                  std::string_view teacher);

}  // namespace heirloom::train

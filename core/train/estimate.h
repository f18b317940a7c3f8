// How fast a method would train an architecture here. No LibTorch in this header.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.h"
#include "core/jobs/job.h"

namespace heirloom::train {

struct EstimateTask {
  jobs::ArchSpec arch;
  jobs::ModelSpec model;
  jobs::TrainMethod method;
  jobs::TrainSettings settings;
  std::string_view teacher;  // artifact bytes; only transfer reads them
  std::int64_t steps = 0;    // timed
  int threads = 1;
};

// Images a second over the timed optimiser steps on random images, after two that are not timed.
// Errors (usage): what is not positive; what Session refuses.
base::Result<double> estimate_images_per_second(const EstimateTask& task);

// Seconds for what comes before the network in a step: gathering and placing the images of a batch
// and one noise draw of each. The mean of `steps` batches; the same errors.
base::Result<double> estimate_batch_seconds(const EstimateTask& task);

}  // namespace heirloom::train

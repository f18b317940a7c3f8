// How fast a method would train an architecture here. No LibTorch in this header.
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/jobs/job.h"

namespace heirloom::train {

// Images a second over `steps` optimiser steps on random images, after two that are not timed.
// Errors (usage): transfer, which needs a teacher; what Session refuses.
base::Result<double> estimate_images_per_second(const jobs::ArchSpec& arch,
                                                const jobs::ModelSpec& model,
                                                const jobs::TrainMethod& method,
                                                const jobs::TrainSettings& settings,
                                                std::int64_t steps, int threads);

}  // namespace heirloom::train

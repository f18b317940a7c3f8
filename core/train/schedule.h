// Learning rate over a run (jobs::Schedule).
#pragma once

#include <cstdint>

#include "core/jobs/job.h"

namespace heirloom::train {

// The rate of step `step` (from 0) of `total`.
//   constant   the base rate
//   step       the base rate, a tenth from 1/2 of the run on, a hundredth from 3/4
//   multistep  the base rate times the factor to the power of the milestones (epochs) behind
//   cosine     half a cosine from the base rate down to 0
//   one_cycle  linear up to the base rate over the first 30 % of the steps, then half a cosine to 0
double learning_rate(const jobs::TrainSettings& settings, std::int64_t step, std::int64_t total);

}  // namespace heirloom::train

// How near a student came to its teacher, and what that is worth. No LibTorch in this header.
//
// On noisy inputs x + d let m be the teacher's largest output less its second, and D = |o_S -
// o_T|_2 the distance of the outputs that were matched. The two can disagree on the class only
// where D >= m / sqrt(2): two outputs have to close the gap between them, and no pair moves by more
// than sqrt(2) D together. So for every t > 0, with Markov's inequality for D,
//
//   P(the classes differ) <= P(m < t) + sqrt(2) E[D] / t,
//
// and by no more than this does the student's probability of any class fall below the teacher's.
#pragma once

#include <span>
#include <string_view>

#include "core/base/result.h"
#include "core/data/dataset.h"
#include "core/jobs/job.h"
#include "core/jobs/result.h"

namespace heirloom::train {

// The t that makes the right-hand side above least, for the distribution of these margins; 0 and a
// bound of 1 where no t does better.
struct DisagreementBound {
  double threshold = 0.0;
  double bound = 1.0;
};
DisagreementBound disagreement_bound(std::span<const float> margins, double mean_distance);

struct ReportTask {
  jobs::ModelSpec model;
  jobs::MatchOn match_on = jobs::MatchOn::logits;
  std::string_view student;  // artifact bytes, both
  std::string_view teacher;
  const data::Dataset* dataset = nullptr;  // not owned
  std::uint64_t seed = 0;                  // of the training
  std::int64_t steps = 0;                  // of the training: the noise here is later noise
};

// Measures both artifacts on up to 4096 training examples, one draw each. May throw c10::Error.
base::Result<jobs::TransferReport> report_transfer(const ReportTask& task);

}  // namespace heirloom::train

// What the counts of one image show to somebody who asks what it is: Cohen's PREDICT and CERTIFY
// (Cohen et al. 2019, section 3.2) from the same draws (docs/statistics.md section 7).
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/certificate/certificate.h"

namespace heirloom::certificate {

struct Prediction {
  // PREDICT: the class with most of the n estimation draws, or kAbstain when the two first could be
  // equally likely. Another class than the smoothed classifier's with probability at most alpha.
  std::int32_t answer = kAbstain;
  double p_value = 1.0;  // of that test; an answer needs at most alpha
  // CERTIFY: the class that the n0 selection draws chose, and the lower bound of its probability.
  std::int32_t selected = 0;
  double p_lower = 0.0;
  // Around the image, in input units, within which the smoothed classifier's class is `answer`:
  // with probability at least 1 - alpha. 0 when abstaining, and when CERTIFY does.
  double radius = 0.0;
};

// Errors (usage, bad_data): a protocol that is none or not in exact mode, counts that do not fit
// it.
base::Result<Prediction> predict(const Protocol& protocol, std::int64_t classes,
                                 const ExampleCounts& counts);

}  // namespace heirloom::certificate

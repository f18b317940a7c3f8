#include "core/certificate/prediction.h"

#include <algorithm>

#include "core/certificate/stopping.h"
#include "core/stats/smoothing.h"

namespace heirloom::certificate {

base::Result<Prediction> predict(const Protocol& protocol, std::int64_t classes,
                                 const ExampleCounts& counts) {
  if (protocol.mode != Mode::exact) {
    return base::fail(base::ErrorKind::usage, "a prediction is made in exact mode");
  }
  HEIRLOOM_ASSIGN(const CertifiedExample certified, certify_example(protocol, classes, counts));
  Prediction prediction;
  prediction.selected = selected_class(counts.select);
  prediction.p_lower = certified.p_lower;
  const std::int32_t first = selected_class(counts.estimate);
  std::uint32_t second = 0;
  for (std::size_t k = 0; k < counts.estimate.size(); ++k) {
    if (static_cast<std::int32_t>(k) != first) second = std::max(second, counts.estimate[k]);
  }
  prediction.p_value =
      stats::predict_p_value(counts.estimate[static_cast<std::size_t>(first)], second);
  if (!(prediction.p_value <= protocol.alpha)) return prediction;
  prediction.answer = first;
  // A class that CERTIFY vouches for has most of the draws, so it is the answer; only its test may
  // be the stricter or the laxer one.
  if (certified.predicted == first) prediction.radius = certified.radius;
  return prediction;
}

}  // namespace heirloom::certificate

// Measures one gate on evidence that has been found fit; private to policies/.
#pragma once

#include "policies/judge.h"

namespace heirloom::policies {

// The gate of `threshold` at the input's level. A relative gate without its baseline comes back as
// not applicable.
Gate measure(const JudgeInput& input, const Threshold& threshold);

// Whether the threshold can be judged at all: what the reader of policies accepts, asked again
// here because thresholds come from stored rows.
base::Result<void> check_threshold(const Threshold& threshold);

// What a person is told of a gate that failed: "certified_accuracy at 0.50 is at least 0.812 with
// confidence 0.9994, needs 0.900 (observed 0.846 of 1000)"; of a sealed holdout, which it was.
std::string failure_text(const Gate& gate, const JudgeInput& input);

}  // namespace heirloom::policies

// Is a policy able to do what it says? Arithmetic only, before anything runs.
#pragma once

#include <string>
#include <vector>

#include "policies/policy.h"

namespace heirloom::policies {

struct Finding {
  enum class Severity { error, warning, note };
  Severity severity = Severity::note;
  std::string text;
};

// About what a LeNet does in fp32 on two server cores (docs/results/speed.md).
inline constexpr double kSamplesPerSecond = 20'000.0;

// Errors: a radius at or above the mode's ceiling; gates that even a perfect model fails at the
// ledger's first level; a threshold that cannot be met. Notes: per gate the smallest passing
// count at the first and the last level, and the samples and minutes a certification costs.
// `examples` replaces certify.examples when that is 0 (all): the size of the holdout, if known.
std::vector<Finding> check(const Policy& policy, std::uint64_t examples = 0,
                           double samples_per_second = kSamplesPerSecond);
bool has_error(const std::vector<Finding>& findings);

}  // namespace heirloom::policies

// The part of check() that is about `drift:`: can its tests find anything?
#pragma once

#include <vector>

#include "policies/check.h"

namespace heirloom::policies {

// `examples`: of the holdout; 0 while unknown.
void check_drift(const DriftSettings& drift, const Policy& policy, std::uint64_t examples,
                 std::vector<Finding>& findings);

}  // namespace heirloom::policies

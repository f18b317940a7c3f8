// Reads a policy from YAML, strictly: DESIGN section 6.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "policies/policy.h"

namespace heirloom::config {

// `origin` names the text in errors: "policies/digits.yaml:7:13: unknown key `epoch` under
// `transfer` (did you mean `epochs`?)". Keys of DESIGN section 6 that this build does not act on
// are refused as "not available in this version", never ignored.
base::Result<policies::Policy> policy_from_yaml(std::string_view text, std::string_view origin);

}  // namespace heirloom::config

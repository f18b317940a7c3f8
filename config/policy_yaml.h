// Reads a policy from YAML, strictly.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "policies/policy.h"

namespace heirloom::config {

// `origin` names the text in errors: "policies/digits.yaml:7:13: unknown key `epoch` under
// `transfer` (did you mean `epochs`?)".
base::Result<policies::Policy> policy_from_yaml(std::string_view text, std::string_view origin);

}  // namespace heirloom::config

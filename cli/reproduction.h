// Certifying a generation again, to compare its counts.
#pragma once

#include <string>

#include "bundle/verify.h"
#include "cli/api_client.h"
#include "core/base/result.h"

namespace heirloom::cli {

// Has the daemon do it and waits; what came out is added to `found`.
base::Result<void> reproduce(const ApiClient& client, const std::string& model,
                             const std::string& generation, bundle::Verification& found);

}  // namespace heirloom::cli

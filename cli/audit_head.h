// Heads of the audit chain that were kept outside of the registry.
#pragma once

#include <string>

#include "cli/api_client.h"
#include "core/base/result.h"

namespace heirloom::cli {

// The chain of the daemon holds the event that `head_file` (audit head --out) names, with its hash.
// With `key_file` (a public key, PEM) the head must be signed by it. Error: tampered.
base::Result<void> check_head(const ApiClient& client, const std::string& head_file,
                              const std::string& key_file);

}  // namespace heirloom::cli

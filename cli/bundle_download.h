// The evidence of a verdict, from the daemon.
#pragma once

#include <string>

#include "bundle/bundle_files.h"
#include "cli/api_client.h"
#include "core/base/result.h"

namespace heirloom::cli {

base::Result<bundle::BundleFiles> download_bundle(const ApiClient& client, const std::string& model,
                                                  const std::string& generation, bool with_model);

}  // namespace heirloom::cli

// The evidence behind a verdict, gathered from the registry to be verified elsewhere.
#pragma once

#include "bundle/bundle.h"
#include "core/base/result.h"
#include "core/base/signing.h"
#include "registry/registry.h"

namespace heirloom::daemon {

// Not found while the generation has no verdict. The head is signed where there is a key.
base::Result<bundle::Bundle> bundle_of(registry::Registry& registry,
                                       const registry::GenerationRow& generation,
                                       const base::SigningKey* key);

}  // namespace heirloom::daemon

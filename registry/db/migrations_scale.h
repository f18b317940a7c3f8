// The migration that keeps questions short on a registry of many generations.
#pragma once

namespace heirloom::registry {

extern const char* const kScaleStep;

}  // namespace heirloom::registry

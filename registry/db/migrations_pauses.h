// Step 11 of the schema: what is paused.
#pragma once

namespace heirloom::registry {

extern const char* const kPausesStep;

}  // namespace heirloom::registry

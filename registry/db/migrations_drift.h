// Step 10 of the schema: tests of new data for drift.
#pragma once

namespace heirloom::registry {

extern const char* const kDriftStep;

}  // namespace heirloom::registry

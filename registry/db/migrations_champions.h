// The migration that lets the history of champions be asked and generations be barred.
#pragma once

namespace heirloom::registry {

extern const char* const kChampionsStep;

}  // namespace heirloom::registry

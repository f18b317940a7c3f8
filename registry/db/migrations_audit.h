// The migration that lets the whole file be checked: seals of the rows that change.
#pragma once

namespace heirloom::registry {

extern const char* const kSealsStep;

}  // namespace heirloom::registry

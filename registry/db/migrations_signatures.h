// The migration that keeps the signatures of the files that versions come with.
#pragma once

namespace heirloom::registry {

extern const char* const kSignaturesStep;

}  // namespace heirloom::registry

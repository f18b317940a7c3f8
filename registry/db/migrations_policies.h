// Migration 8: who promotes and what is hidden, as policies say it; and the unsealing of holdouts.
#pragma once

namespace heirloom::registry {

extern const char* const kPoliciesStep;

}  // namespace heirloom::registry

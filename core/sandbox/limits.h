// Resource limits of this process and of what it becomes by exec.
#pragma once

#include "core/base/result.h"
#include "core/sandbox/confinement.h"

namespace heirloom::sandbox {

// Memory is limited by RLIMIT_DATA, which counts private pages that can be written to: what a
// tensor takes. RLIMIT_AS would count address space, of which LibTorch and above all CUDA reserve
// many times what they use. Memory shared between processes is not counted.
//
// Never a core file, which could hold a noise key. A write beyond `file_mib` fails with "File too
// large", as on a full disk, instead of ending the process. A limit that is lower already stays.
base::Result<void> set_limits(const Limits& limits);

}  // namespace heirloom::sandbox

// Which system calls are refused, by seccomp: what Landlock does not govern and no job needs.
#pragma once

#include "core/base/result.h"

namespace heirloom::sandbox {

// Whether this kernel takes filters, on a machine that we know the numbers of (x86-64, arm64).
bool can_filter_syscalls();

// From now on, also after exec: no sockets, no new processes (threads are let be), no reach into
// other processes, no names and owners of files changed, no kernel facilities of administrators.
// Refused calls fail with EPERM and end nothing. no_new_privs must be set.
base::Result<void> filter_syscalls();

}  // namespace heirloom::sandbox

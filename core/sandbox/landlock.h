// Which files a process may touch, by Landlock: beyond the rules, nothing.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace heirloom::sandbox {

enum class Access {
  read,     // a file, or everything beneath a folder
  execute,  // read, and start as a program
  device,   // read, write, ioctl
  write,    // everything beneath a folder: read, make, change, remove; no links, no special files
};

struct PathRule {
  std::string path;
  Access access = Access::read;
};

// The version of Landlock's interface in this kernel; 0: it has none, or it is switched off.
int landlock_version();

// From now on, also after exec: files by `rules` alone; no TCP (version 4); no signal and no
// abstract unix socket to a process outside (version 6). A path that is not there is left out.
// no_new_privs must be set.
base::Result<void> restrict_files(const std::vector<PathRule>& rules);

}  // namespace heirloom::sandbox

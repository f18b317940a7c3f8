// The program that the kernel starts in order to start this one.
#pragma once

#include <string>

namespace heirloom::sandbox {

// The path of the loader (ld-linux-x86-64.so.2) that this program names; empty where it is linked
// statically. To start another program, a confined process needs Access::execute to its loader too.
std::string loader_path();

}  // namespace heirloom::sandbox

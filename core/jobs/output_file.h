// A file that a worker left for the daemon.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/digest.h"

namespace heirloom::jobs {

// An output file under out/, already fsynced.
struct OutputFile {
  std::string name;  // relative to out/
  base::Digest sha256;
  std::uint64_t bytes = 0;
};

}  // namespace heirloom::jobs

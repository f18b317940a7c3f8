#include "core/sandbox/limits.h"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <sys/resource.h>
#include <unistd.h>

namespace heirloom::sandbox {
namespace {

constexpr int kMibShift = 20;

base::Result<void> lower(__rlimit_resource resource, rlim_t value, const char* what,
                         rlim_t grace = 0) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return base::fail_errno("limit", what, errno);
  limit.rlim_cur = std::min(limit.rlim_cur, value);
  if (value != RLIM_INFINITY) limit.rlim_max = std::min(limit.rlim_max, value + grace);
  if (::setrlimit(resource, &limit) != 0) return base::fail_errno("limit", what, errno);
  return {};
}

rlim_t machine_memory() {
  return static_cast<rlim_t>(::sysconf(_SC_PHYS_PAGES)) *
         static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

rlim_t or_unlimited(std::uint64_t value, int shift = 0) {
  return value == 0 || value > (RLIM_INFINITY >> shift) ? RLIM_INFINITY : value << shift;
}

}  // namespace

base::Result<void> set_limits(const Limits& limits) {
  const rlim_t memory = limits.memory_mib == 0 ? machine_memory() / 4 * 3
                                               : or_unlimited(limits.memory_mib, kMibShift);
  HEIRLOOM_TRY(lower(RLIMIT_DATA, memory, "memory"));
  // A second between the two makes it end by SIGXCPU, which says why.
  HEIRLOOM_TRY(lower(RLIMIT_CPU, or_unlimited(limits.cpu_seconds), "CPU time", 1));
  HEIRLOOM_TRY(lower(RLIMIT_NOFILE, or_unlimited(limits.open_files), "open files"));
  HEIRLOOM_TRY(lower(RLIMIT_FSIZE, or_unlimited(limits.file_mib, kMibShift), "file size"));
  HEIRLOOM_TRY(lower(RLIMIT_CORE, 0, "core files"));
  // Ignored, and ignored after exec too: then the write itself fails, and can be reported.
  std::signal(SIGXFSZ, SIG_IGN);
  return {};
}

}  // namespace heirloom::sandbox

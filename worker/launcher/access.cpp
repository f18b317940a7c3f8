#include "worker/launcher/access.h"

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/jobs/inputs.h"
#include "core/sandbox/loader.h"

namespace heirloom::worker {
namespace {

using sandbox::Access;
using sandbox::PathRule;

// Found by strace over every kind of job. What was opened too and is not missed stays out:
// /etc/passwd and /etc/nsswitch.conf (a library looks for the user's home as it is loaded),
// /etc/localtime, /proc/self/status, /proc/filesystems.
constexpr std::pair<const char*, Access> kSystem[] = {
    {"/usr", Access::read},  // libraries
    {"/lib", Access::read},
    {"/lib64", Access::read},
    {HEIRLOOM_LIBTORCH_FOLDER, Access::read},    // where this build found it: not always under /usr
    {"/etc/ld.so.cache", Access::read},          // where the loader finds libraries
    {"/proc/cpuinfo", Access::read},             // LibTorch's kernels: instruction sets
    {"/sys/devices/system/cpu", Access::read},   // OpenMP and OpenBLAS: how many CPUs, which caches
    {"/sys/devices/system/node", Access::read},  // libnuma
    {"/dev/null", Access::device},
    {"/dev/urandom", Access::read},  // std::random_device in LibTorch
};

// What the CUDA driver is known to open; not traced yet on a machine that has one.
constexpr std::pair<const char*, Access> kCuda[] = {
    {"/dev/nvidia-caps", Access::device},
    {"/proc/driver/nvidia", Access::read},
    {"/proc/devices", Access::read},
    {"/proc/modules", Access::read},
    {"/proc/meminfo", Access::read},
    {"/proc/sys/vm", Access::read},
    {"/proc/self", Access::read},  // this process's alone: its memory map
    {"/sys/bus/pci", Access::read},
    {"/sys/devices", Access::read},  // what the entries of /sys/bus/pci point to
    {"/sys/module", Access::read},
};

void add_cuda(std::vector<PathRule>& rules) {
  for (const auto& [path, access] : kCuda) rules.push_back({path, access});
  std::error_code ignored;  // without /dev there is no device, and the job says so
  for (const auto& entry : std::filesystem::directory_iterator("/dev", ignored)) {
    const std::string name = entry.path().filename().native();
    if (name.starts_with("nvidia") && entry.is_character_file(ignored)) {
      rules.push_back({entry.path().native(), Access::device});
    }
  }
}

}  // namespace

std::vector<PathRule> access_of(const jobs::Job& job, const std::filesystem::path& folder,
                                const std::filesystem::path& program) {
  std::vector<PathRule> rules;
  for (const auto& [path, access] : kSystem) rules.push_back({path, access});
  // All that it may start: itself, by the loader that both programs share. No shell.
  rules.push_back({program.native(), Access::execute});
  rules.push_back({sandbox::loader_path(), Access::execute});
  for (std::string& path : jobs::input_paths(job)) rules.push_back({std::move(path), Access::read});
  rules.push_back({folder.native(), Access::write});
  if (job.device == jobs::Device::cuda) add_cuda(rules);
  return rules;
}

}  // namespace heirloom::worker

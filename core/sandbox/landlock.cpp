#include "core/sandbox/landlock.h"

#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/unique_fd.h"

namespace heirloom::sandbox {
namespace {

// The kernel's interface, written out: Debian 12's <linux/landlock.h> ends at version 3. Values of
// the kernel's ABI, never renumbered.
constexpr std::uint32_t kAskVersion = 1;  // LANDLOCK_CREATE_RULESET_VERSION
constexpr int kPathBeneath = 1;           // LANDLOCK_RULE_PATH_BENEATH

constexpr std::uint64_t kExecute = 1U << 0;
constexpr std::uint64_t kWriteFile = 1U << 1;
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadFolder = 1U << 3;
constexpr std::uint64_t kRemoveFolder = 1U << 4;
constexpr std::uint64_t kRemoveFile = 1U << 5;
constexpr std::uint64_t kMakeFolder = 1U << 7;
constexpr std::uint64_t kMakeFile = 1U << 8;
constexpr std::uint64_t kRefer = 1U << 13;     // version 2
constexpr std::uint64_t kTruncate = 1U << 14;  // version 3
constexpr std::uint64_t kIoctl = 1U << 15;     // version 5
constexpr std::uint64_t kOfFiles = kExecute | kWriteFile | kReadFile | kTruncate | kIoctl;

constexpr std::uint64_t kBindTcp = 1U << 0;          // version 4
constexpr std::uint64_t kConnectTcp = 1U << 1;       // version 4
constexpr std::uint64_t kAbstractSockets = 1U << 0;  // version 6
constexpr std::uint64_t kSignals = 1U << 1;          // version 6

// A kernel that knows fewer fields takes the rest if they are zero.
struct Ruleset {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scoped = 0;
};

struct [[gnu::packed]] PathBeneath {
  std::uint64_t allowed = 0;
  std::int32_t parent = -1;
};

// Every right that a version knows: what no rule gives is refused.
Ruleset everything(int version) {
  Ruleset all;
  all.files = kRefer - 1;
  if (version >= 2) all.files |= kRefer;
  if (version >= 3) all.files |= kTruncate;
  if (version >= 4) all.network = kBindTcp | kConnectTcp;
  if (version >= 5) all.files |= kIoctl;
  if (version >= 6) all.scoped = kAbstractSockets | kSignals;
  return all;
}

std::uint64_t rights_of(Access access) {
  switch (access) {
    case Access::read:
      return kReadFile | kReadFolder;
    case Access::execute:
      return kReadFile | kExecute;
    case Access::device:
      return kReadFile | kReadFolder | kWriteFile | kIoctl;
    case Access::write:
      // Not the making of links, fifos, sockets and devices: the daemon reads this folder later.
      return kReadFile | kReadFolder | kWriteFile | kTruncate | kMakeFile | kMakeFolder |
             kRemoveFile | kRemoveFolder | kRefer;
  }
  return 0;
}

base::Result<void> add_rule(const base::UniqueFd& ruleset, const PathRule& rule,
                            std::uint64_t known) {
  const base::UniqueFd fd(::open(rule.path.c_str(), O_PATH | O_CLOEXEC));
  if (!fd.valid()) return {};  // not there for us: nothing to allow
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return base::fail_errno("stat", rule.path, errno);
  PathBeneath beneath;
  beneath.allowed = rights_of(rule.access) & known;
  if (!S_ISDIR(status.st_mode)) beneath.allowed &= kOfFiles;
  beneath.parent = fd.get();
  if (::syscall(SYS_landlock_add_rule, ruleset.get(), kPathBeneath, &beneath, 0) != 0) {
    return base::fail_errno("allow", rule.path, errno);
  }
  return {};
}

}  // namespace

int landlock_version() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion);
  return version > 0 ? static_cast<int>(version) : 0;
}

base::Result<void> restrict_files(const std::vector<PathRule>& rules) {
  const Ruleset all = everything(landlock_version());
  const base::UniqueFd ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0)));
  if (!ruleset.valid()) return base::fail_errno("start", "Landlock", errno);
  for (const PathRule& rule : rules) HEIRLOOM_TRY(add_rule(ruleset, rule, all.files));
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return base::fail_errno("enter", "Landlock", errno);
  }
  return {};
}

}  // namespace heirloom::sandbox

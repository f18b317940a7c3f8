#include "core/sandbox/layers.h"

#include <cerrno>

#include <fmt/format.h>
#include <sys/prctl.h>

#include "core/sandbox/syscall_filter.h"

namespace heirloom::sandbox {
namespace {

base::Error refusal(const std::string& missing) {
  return {base::ErrorKind::unavailable,
          fmt::format("the sandbox is required, and this machine lacks {}", missing),
          "docs/sandbox.md says what it needs; `sandbox: best_effort` goes on without"};
}

}  // namespace

std::string Layers::missing() const {
  std::string out;
  const auto add = [&](bool there, const char* name) {
    if (!there) out += (out.empty() ? "" : ", ") + std::string(name);
  };
  add(no_new_privs, "no_new_privs");
  add(landlock > 0, "Landlock");
  add(seccomp, "seccomp");
  return out;
}

Layers available_layers() {
  return {.no_new_privs = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) >= 0,
          .landlock = landlock_version(),
          .seccomp = can_filter_syscalls()};
}

base::Result<Layers> enter(Mode mode, const std::vector<PathRule>& rules) {
  Layers layers;
  if (mode == Mode::off) return layers;
  const Layers available = available_layers();
  if (const std::string missing = available.missing(); mode == Mode::required && !missing.empty()) {
    return tl::unexpected(refusal(missing));
  }
  std::string failures;
  const auto note = [&](const base::Result<void>& entered) {
    if (!entered) failures += fmt::format(" ({})", entered.error().text());
    return entered.has_value();
  };
  layers.no_new_privs = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  if (available.landlock > 0 && note(restrict_files(rules))) layers.landlock = available.landlock;
  // Last: it refuses what the others are made of.
  layers.seccomp = available.seccomp && note(filter_syscalls());
  if (mode == Mode::required && !layers.missing().empty()) {
    return tl::unexpected(refusal(layers.missing() + failures));
  }
  return layers;
}

}  // namespace heirloom::sandbox

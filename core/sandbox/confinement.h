// What the daemon asks of its workers: how strict the sandbox is, and the limits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace heirloom::sandbox {

enum class Mode {
  required,     // without every layer nothing is run
  best_effort,  // the layers that this kernel has
  off,          // the limits alone
};

std::string_view to_string(Mode mode);
base::Result<Mode> parse_mode(std::string_view text);

// Of one worker process. Values of 0 say "no limit", but for `memory_mib`.
struct Limits {
  // Memory that the process can write to and shares with nobody, threads' stacks included (see
  // limits.h). 0: three quarters of what the machine has.
  std::uint64_t memory_mib = 0;
  std::uint64_t cpu_seconds = 0;  // summed over threads
  std::uint64_t open_files = 1024;
  std::uint64_t file_mib = 16384;  // of each file that it writes

  friend bool operator==(const Limits&, const Limits&) = default;
};

struct Confinement {
  Mode mode = Mode::best_effort;
  Limits limits;

  friend bool operator==(const Confinement&, const Confinement&) = default;
};

// Where the daemon hands it to a worker. Absent: a default Confinement.
inline constexpr const char* kConfinementVariable = "HEIRLOOM_CONFINEMENT";

// "mode=best_effort memory_mib=0 ...": the value of that variable.
std::string to_text(const Confinement& confinement);
// Every key once and nothing else; a worker runs under no limits that it only half understood.
base::Result<Confinement> confinement_from_text(std::string_view text);

}  // namespace heirloom::sandbox

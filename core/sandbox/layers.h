// The layers of the sandbox together.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/sandbox/confinement.h"
#include "core/sandbox/landlock.h"

namespace heirloom::sandbox {

struct Layers {
  bool no_new_privs = false;  // nothing it starts has more rights than it has
  int landlock = 0;           // version of its interface; 0: files are not restricted
  bool seccomp = false;       // system calls are filtered

  // The layers that are not there, in words; empty: all are.
  std::string missing() const;

  friend bool operator==(const Layers&, const Layers&) = default;
};

// What this kernel, and whatever confines this process already, would let it enter. Changes
// nothing.
Layers available_layers();

// Enters what there is, for good and also after exec, and says what. Of a Mode::required that
// cannot be met nothing is entered: an error (unavailable) that names the missing layers. A layer
// that is there and fails all the same counts as missing. Call it while there is one thread.
base::Result<Layers> enter(Mode mode, const std::vector<PathRule>& rules);

}  // namespace heirloom::sandbox

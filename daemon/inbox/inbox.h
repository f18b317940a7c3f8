// inbox/: a YAML file renamed in there registers a version or a snapshot.
//
// scan() looks at every file, so that missed events, an overflow and a restart all lead to the
// same place. A file is taken when two looks, one settle period apart, found it unchanged. Taken
// files move to inbox/accepted/; refused ones to inbox/refused/ with FILE.reason.txt beside them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/result.h"
#include "daemon/signers.h"
#include "daemon/state_folder.h"
#include "registry/registry.h"

namespace heirloom::daemon {

class Inbox {
 public:
  Inbox(registry::Registry& registry, const StateFolder& state, const Signers& signers)
      : registry_(registry), state_(state), signers_(signers) {}

  struct Scan {
    bool changed = false;    // something was registered
    bool unsettled = false;  // look again after the settle period
  };
  Scan scan();

  // Moves accepted files whose registration the worker refused to inbox/refused/.
  void sweep_refused();

 private:
  struct Seen {
    std::uint64_t size = 0;
    std::int64_t changed_ns = 0;
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  base::Result<void> take_guarded(const std::filesystem::path& file);
  base::Result<void> take(const std::filesystem::path& file);
  void refuse(const std::filesystem::path& file, const base::Error& error);

  registry::Registry& registry_;
  const StateFolder& state_;
  const Signers& signers_;
  std::map<std::string, Seen> seen_;
};

}  // namespace heirloom::daemon

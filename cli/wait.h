// Waiting for the daemon to get something done, by asking again.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "core/base/result.h"

namespace heirloom::cli {

struct WaitLimits {
  std::optional<double> timeout;  // seconds; none: for as long as it takes
  std::chrono::milliseconds first_pause{100};
  std::chrono::milliseconds longest_pause{500};
  // A daemon that answered once may be away for this long: it is being restarted.
  std::chrono::milliseconds grace{10'000};
};

enum class Waited { done, timed_out };

// Calls `look` until it returns true. Its errors end the wait, except that ErrorKind::unavailable
// is forgiven within `grace` after an answer.
base::Result<Waited> wait_until(const std::function<base::Result<bool>()>& look,
                                const WaitLimits& limits);

}  // namespace heirloom::cli

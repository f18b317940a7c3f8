#include "cli/wait.h"

#include <algorithm>
#include <thread>

namespace heirloom::cli {

base::Result<Waited> wait_until(const std::function<base::Result<bool>()>& look,
                                const WaitLimits& limits) {
  using Clock = std::chrono::steady_clock;
  const auto started = Clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(Clock::now() - started).count();
  };
  std::optional<Clock::time_point> last_answer;
  std::chrono::milliseconds pause = limits.first_pause;
  while (true) {
    const base::Result<bool> done = look();
    if (done.has_value()) {
      if (*done) return Waited::done;
      last_answer = Clock::now();
    } else {
      const bool away = done.error().kind == base::ErrorKind::unavailable && last_answer &&
                        Clock::now() - *last_answer < limits.grace;
      if (!away) return tl::unexpected<base::Error>(done.error());
    }
    std::chrono::duration<double> next = pause;
    if (limits.timeout) {
      const double left = *limits.timeout - elapsed();
      if (left <= 0) return Waited::timed_out;
      next = std::min(next, std::chrono::duration<double>(left));
    }
    std::this_thread::sleep_for(next);
    pause = std::min(pause * 3 / 2, limits.longest_pause);
  }
}

}  // namespace heirloom::cli

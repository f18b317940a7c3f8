// Numbers for a monitoring system, in Prometheus' text form (docs/metrics.md lists them). Counters
// begin at 0 with each start of the daemon; gauges are read from the registry when they are asked
// for.
//
// Owned by the app; the loop thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "registry/registry.h"

namespace heirloom::daemon {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  void attempt_ended(std::string_view kind, bool well);
  // A generation reached a state that is final.
  void generation_ended(std::string_view state);
  void request_answered(int status);
  void settings_reloaded(bool well, std::chrono::system_clock::time_point at);
  void turn_taken(std::chrono::duration<double> time);  // of the pipeline

  struct Now {
    std::int64_t running = 0;   // workers
    bool audit_intact = true;   // as far as it was checked
    bool sandbox_whole = true;  // no layer is missing that this build knows
  };
  std::string exposition(registry::Registry& registry, const Now& now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace heirloom::daemon

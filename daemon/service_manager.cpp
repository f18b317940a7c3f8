#include "daemon/service_manager.h"

#include <cstdint>
#include <ctime>

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

namespace heirloom::daemon {
namespace {

// Whether anybody listens makes no difference to what the daemon does.
void notify(const std::string& state) {
  static_cast<void>(::sd_notify(0, state.c_str()));
}

}  // namespace

void notify_ready(std::string_view status) {
  notify(fmt::format("READY=1\nSTATUS={}", status));
}

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t microseconds = now.tv_sec * std::int64_t{1'000'000} + now.tv_nsec / 1000;
  notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reading the settings", microseconds));
}

void notify_stopping(std::string_view status) {
  notify(fmt::format("STOPPING=1\nSTATUS={}", status));
}

std::optional<std::chrono::milliseconds> watchdog_period() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::microseconds(microseconds / 2));
}

void notify_alive() {
  notify("WATCHDOG=1");
}

}  // namespace heirloom::daemon

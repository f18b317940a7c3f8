// What the daemon tells systemd (sd_notify(3)): that it is ready, reloads or stops, and that its
// loop still turns. Without NOTIFY_SOCKET in the environment every call does nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace heirloom::daemon {

void notify_ready(std::string_view status);
void notify_reloading();
void notify_stopping(std::string_view status);

// Half of the time within which the service manager wants to hear from this process; nothing when
// it does not watch. A sign of life is only honest from the loop, after its work has succeeded.
std::optional<std::chrono::milliseconds> watchdog_period();
void notify_alive();

}  // namespace heirloom::daemon

// What the worker arranges with the operating system.
#pragma once

namespace heirloom::worker {

// The kernel kills this process when the thread that started it ends, and it runs at nice 10. False
// when the parent has ended already: when another process has taken its place, or, where the parent
// names itself in HEIRLOOM_PARENT_PID, when that is not our parent. Call it first of all.
bool tie_to_parent();

// SIGTERM and SIGINT no longer end the process but make stop_requested() true.
void watch_stop_signals();
bool stop_requested();

}  // namespace heirloom::worker

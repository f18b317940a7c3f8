// Time, as a dependency that tests replace.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace heirloom::base {

// Wall time is for people and records only; every wait and every duration uses the steady clock,
// so that a jump of the wall clock moves no deadline.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::system_clock::time_point wall() const = 0;
  virtual std::chrono::steady_clock::time_point steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  std::chrono::system_clock::time_point wall() const override;
  std::chrono::steady_clock::time_point steady() const override;
};

// UTC with milliseconds, as stored and shown everywhere: 2026-11-24T09:30:00.000Z
std::string to_iso8601(std::chrono::system_clock::time_point time);

// The same from what a person writes: a day (2026-11-24, its first instant) or a time of a day
// (2026-11-24T09:30, with or without seconds, fraction and the Z: always UTC). Error: usage.
Result<std::string> parse_instant(std::string_view text);
// The same as a point of time; what to_iso8601 wrote comes back to the millisecond.
Result<std::chrono::system_clock::time_point> time_of(std::string_view text);

}  // namespace heirloom::base

// A clock that moves only when a test says so.
#pragma once

#include <chrono>

#include "core/base/clock.h"

namespace heirloom::fakes {

class FakeClock final : public base::Clock {
 public:
  std::chrono::system_clock::time_point wall() const override { return wall_; }
  std::chrono::steady_clock::time_point steady() const override { return steady_; }
  void advance(std::chrono::milliseconds by) {
    wall_ += by;
    steady_ += by;
  }
  // Somebody sets the time.
  void jump_wall(std::chrono::milliseconds by) { wall_ += by; }

 private:
  std::chrono::system_clock::time_point wall_{std::chrono::seconds(1'800'000'000)};
  std::chrono::steady_clock::time_point steady_{};
};

}  // namespace heirloom::fakes

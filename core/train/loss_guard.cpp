#include "core/train/loss_guard.h"

#include <algorithm>

namespace heirloom::train {
namespace {

constexpr std::int64_t kFirstSteps = 10;
constexpr double kNewest = 0.1;
constexpr double kOfFirst = 0.9;
constexpr double kOfBest = 3.0;
constexpr std::int64_t kPatience = 100;

}  // namespace

bool LossGuard::observe(double loss) {
  State& s = state_;
  ++s.steps;
  if (s.steps <= kFirstSteps) {
    s.first += loss;
    if (s.steps < kFirstSteps) return false;
    s.first /= static_cast<double>(kFirstSteps);
    s.smooth = s.first;
    s.best = s.first;
    return false;
  }
  s.smooth += kNewest * (loss - s.smooth);
  s.best = std::min(s.best, s.smooth);
  const bool above = s.smooth > std::max(kOfFirst * s.first, kOfBest * s.best);
  s.above = above ? s.above + 1 : 0;
  return s.above >= kPatience;
}

}  // namespace heirloom::train

#include "core/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heirloom::train {
namespace {

// 1 at 0, 0 at 1.
double half_cosine(double x) {
  return 0.5 * (1.0 + std::cos(std::numbers::pi * x));
}

}  // namespace

double learning_rate(const jobs::TrainSettings& settings, std::int64_t step, std::int64_t total) {
  const double base = settings.learning_rate;
  switch (settings.schedule) {
    case jobs::Schedule::constant:
      return base;
    case jobs::Schedule::step:
      if (4 * step >= 3 * total) return base * 0.01;
      return 2 * step >= total ? base * 0.1 : base;
    case jobs::Schedule::multistep: {
      const auto behind =
          std::count_if(settings.milestones.begin(), settings.milestones.end(),
                        [&](int milestone) { return step * settings.epochs >= milestone * total; });
      return base * std::pow(settings.milestone_factor, static_cast<double>(behind));
    }
    case jobs::Schedule::cosine:
      return base * half_cosine(static_cast<double>(step) / static_cast<double>(total));
    case jobs::Schedule::one_cycle: {
      const double warm = std::max(1.0, 0.3 * static_cast<double>(total));
      const auto at = static_cast<double>(step);
      if (at + 1.0 <= warm) return base * (at + 1.0) / warm;
      const double rest = std::max(1.0, static_cast<double>(total) - warm);
      return base * half_cosine(std::max(0.0, at - warm) / rest);
    }
  }
  return base;
}

}  // namespace heirloom::train

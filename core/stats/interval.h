// Two ends of a confidence interval.
#pragma once

namespace heirloom::stats {

struct Interval {
  double lower = 0.0;
  double upper = 0.0;

  friend bool operator==(const Interval&, const Interval&) = default;
};

}  // namespace heirloom::stats

// Certified accuracy against radius, with the intervals that belong to each point.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/certificate/certificate.h"
#include "core/certificate/log.h"
#include "core/stats/interval.h"

namespace heirloom::certificate {

// `count` of `of` examples, and the two-sided Clopper-Pearson interval of the population's share.
struct Share {
  std::size_t count = 0;
  std::size_t of = 0;
  double value = 0.0;
  stats::Interval interval;
};
Share share_of(std::size_t count, std::size_t of, double confidence);

struct CurvePoint {
  double radius = 0.0;
  Share certified;
  // Lower bound, one-sided at the same confidence, of the share that is truly certified: alpha is
  // paid for (docs/statistics.md section 1). Nothing when alpha is not known.
  std::optional<double> proven;
};

// At 0, step, 2 step, ... up to the largest radius of a correct example. 0 < confidence < 1; each
// interval holds with that confidence by itself, not all of them together.
std::vector<CurvePoint> certified_curve(const Log& log, double confidence, double step = 0.25);

// `radius,certified_accuracy,lower,upper`, one row a point.
std::string curve_to_csv(std::span<const CurvePoint> curve);

}  // namespace heirloom::certificate

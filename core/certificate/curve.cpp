#include "core/certificate/curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/certificate/summary.h"
#include "core/stats/binomial.h"
#include "core/stats/certified_accuracy.h"

namespace heirloom::certificate {

Share share_of(std::size_t count, std::size_t of, double confidence) {
  Share share;
  share.count = count;
  share.of = of;
  share.value = of == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(of);
  share.interval = stats::clopper_pearson(static_cast<std::int64_t>(count),
                                          static_cast<std::int64_t>(of), 1.0 - confidence);
  return share;
}

std::vector<CurvePoint> certified_curve(const Log& log, double confidence, double step) {
  double largest = 0.0;
  for (const CertifiedExample& example : log.examples) {
    if (example.correct()) largest = std::max(largest, example.radius);
  }
  // paper_radii leaves its limit out, and an example may be certified exactly there.
  const double limit = std::nextafter(largest, std::numeric_limits<double>::infinity());
  std::vector<CurvePoint> curve;
  for (const double radius : paper_radii(limit, step)) {
    CurvePoint point;
    point.radius = radius;
    point.certified =
        share_of(count_certified(log.examples, radius), log.examples.size(), confidence);
    if (log.protocol) {
      point.proven = stats::certified_share_lower(static_cast<std::int64_t>(point.certified.count),
                                                  static_cast<std::int64_t>(point.certified.of),
                                                  1.0 - confidence, log.protocol->alpha);
    }
    curve.push_back(point);
  }
  return curve;
}

std::string curve_to_csv(std::span<const CurvePoint> curve) {
  std::string text = "radius,certified_accuracy,lower,upper\n";
  for (const CurvePoint& point : curve) {
    const stats::Interval& interval = point.certified.interval;
    text += fmt::format("{},{},{},{}\n", radius_key(point.radius), point.certified.value,
                        interval.lower, interval.upper);
  }
  return text;
}

}  // namespace heirloom::certificate

// Everything that a log comes to, with intervals: what `heirloom certificate summary` shows.
// docs/certificates.md says how each figure is computed and what it means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/certificate/curve.h"
#include "core/certificate/log.h"
#include "core/certificate/summary.h"
#include "core/stats/interval.h"

namespace heirloom::certificate {

// The examples of one label, and their certified accuracy at the radii of the curve.
struct ClassShares {
  std::int32_t label = 0;
  std::size_t examples = 0;
  std::vector<Share> certified;
};

// At most the share `share` of the examples has a smaller lower bound for the probability of its
// label. Wrong and abstaining examples count as 0.
struct BoundQuantile {
  double share = 0.0;
  double p_lower = 0.0;
};

struct Analysis {
  double confidence = 0.0;
  Summary summary;
  Share abstained;
  // Empirical Bernstein, two-sided. Nothing when the largest possible radius is not known.
  std::optional<stats::Interval> acr;
  std::vector<CurvePoint> curve;
  std::vector<ClassShares> classes;            // ascending label; empty beyond 100,000 figures
  std::vector<BoundQuantile> bound_quantiles;  // empty when sigma is not known
};

// 0 < confidence < 1. Each interval holds with that confidence by itself.
Analysis analyze(const Log& log, double confidence);

}  // namespace heirloom::certificate

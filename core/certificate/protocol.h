// The protocol of a certification: everything that decides the counts and what they mean.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"

namespace heirloom::certificate {

// Version of the noise streams (core/base/normal_stream.h); a change of one bit is a new version.
inline constexpr int kNoiseVersion = 1;

// Version of when gate and adaptive mode stop: the list of looks, the split of alpha into halves
// for the e-process and the last look, and the level of rejections (core/certificate/stopping.h).
inline constexpr int kStoppingVersion = 1;

enum class Mode {
  exact,     // Cohen's CERTIFY: n0 draws select the class, n fresh draws bound its probability
  gate,      // is the true label certified at each of `radii`? Stops when all are decided
  adaptive,  // as exact, but stops when the radius is known to `tolerance`
};
std::string_view to_string(Mode mode);
base::Result<Mode> parse_mode(std::string_view text);

// Two certificates may be compared example by example only when their protocol ids are equal
// (docs/statistics.md section 2).
struct Protocol {
  Mode mode = Mode::exact;
  std::uint64_t n0 = 0;  // gate: 0 when nothing asks for a selected class
  std::uint64_t n = 0;   // gate, adaptive: the most there are for an example
  double alpha = 0.0;    // per-example level
  double sigma = 0.0;
  std::vector<double> radii;  // gate: the radii that are decided, ascending, the first 0
  double tolerance = 0.0;     // adaptive: in units of the radius
  bool grid = false;          // noise on the grid of 1/255 (docs/certificates.md)
  std::string kernel;         // jobs::Trained::kernel
  // Recorded, but no part of id(): they belong to the classifier, and noise is keyed per
  // classifier.
  std::int64_t forward_batch = 0;
  std::string precision = "fp32";
  base::Digest holdout_id;
  base::Digest examples;  // SHA-256 of the ordered example indices

  base::Digest id() const;
  std::string to_json() const;
  static base::Result<Protocol> from_json(std::string_view text);
};

// Whether the numbers can be certified under at all; the error (usage) says which cannot.
base::Result<void> check_protocol(const Protocol& protocol, std::int64_t classes);

// The largest radius the mode can give, when every draw agrees: sigma Phi^-1(alpha^(1/n)), with
// alpha / 2 in the modes that stop early.
double radius_ceiling(Mode mode, double sigma, std::uint64_t n, double alpha);
double radius_ceiling(const Protocol& protocol);

// FieldEncoder over the indices in order.
base::Digest example_list_digest(const std::vector<std::uint32_t>& examples);

}  // namespace heirloom::certificate

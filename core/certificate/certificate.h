// A certificate: what randomized smoothing guarantees for each example of a holdout, and the
// protocol under which that was found. Everything in it follows from the raw counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/certificate/counts.h"

namespace heirloom::certificate {

// Version of the noise streams (core/base/normal_stream.h); a change of one bit is a new version.
inline constexpr int kNoiseVersion = 1;

enum class Mode {
  exact,  // Cohen's CERTIFY: n0 draws select the class, n fresh draws bound its probability
};
std::string_view to_string(Mode mode);
base::Result<Mode> parse_mode(std::string_view text);

// Everything that decides the counts and what they mean. Two certificates may be compared example
// by example only when their protocol ids are equal (docs/statistics.md section 2).
struct Protocol {
  Mode mode = Mode::exact;
  std::uint64_t n0 = 0;
  std::uint64_t n = 0;
  double alpha = 0.0;  // per-example level
  double sigma = 0.0;
  std::string kernel;              // jobs::Trained::kernel
  std::int64_t forward_batch = 0;  // recorded, but no part of id(): it differs by architecture
  base::Digest holdout_id;
  base::Digest examples;  // SHA-256 of the ordered example indices

  base::Digest id() const;
  std::string to_json() const;
  static base::Result<Protocol> from_json(std::string_view text);
};

// FieldEncoder over the indices in order.
base::Digest example_list_digest(const std::vector<std::uint32_t>& examples);

inline constexpr std::int32_t kAbstain = -1;

struct CertifiedExample {
  std::uint32_t index = 0;
  std::int32_t label = 0;
  std::int32_t predicted = kAbstain;  // the selected class; kAbstain when its bound is below 1/2
  std::uint64_t n_a = 0;              // draws of the n that fell into the selected class
  double p_lower = 0.0;               // Clopper-Pearson lower bound of its probability
  double radius = 0.0;                // sigma * Phi^-1(p_lower), rounded down; 0 when abstaining

  bool correct() const { return predicted == label; }
  // The smoothed classifier returns the true label throughout the ball of radius r.
  bool certified_at(double r) const { return correct() && radius >= r; }
  friend bool operator==(const CertifiedExample&, const CertifiedExample&) = default;
};

// Cohen et al. 2019, CERTIFY, from counts. The class with most selection votes is taken; among
// equals the lowest, which is still independent of the estimation draws.
// Errors: counts that do not fit the protocol (too many draws, wrong number of classes).
base::Result<CertifiedExample> certify_example(const Protocol& protocol, std::int64_t classes,
                                               const ExampleCounts& counts);

struct Certificate {
  Protocol protocol;
  base::Digest model_sha256;
  std::vector<CertifiedExample> examples;  // ascending index
};

// certify_example for every row; refuses counts whose indices are not exactly `expected`.
base::Result<Certificate> certify(const Protocol& protocol, const base::Digest& model_sha256,
                                  std::int64_t classes, const std::vector<std::uint32_t>& expected,
                                  const std::vector<ExampleCounts>& counts);

}  // namespace heirloom::certificate

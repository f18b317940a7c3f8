// A certificate: what randomized smoothing guarantees for each example of a holdout, and the
// protocol under which that was found. Everything in it follows from the raw counts.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/certificate/counts.h"
#include "core/certificate/protocol.h"

namespace heirloom::certificate {

inline constexpr std::int32_t kAbstain = -1;

struct CertifiedExample {
  std::uint32_t index = 0;
  std::int32_t label = 0;
  // The class that is certified; kAbstain when none is. exact, adaptive: the selected class. gate:
  // the label where it is certified at radius 0, else the selected class where that one is.
  std::int32_t predicted = kAbstain;
  std::uint64_t n_a = 0;  // estimation draws, of `draws`, that fell into the class in question
  double p_lower = 0.0;   // lower bound of its probability at the protocol's alpha
  // sigma * Phi^-1(p_lower), rounded down; 0 when abstaining. gate: the largest of the protocol's
  // radii up to which every one is certified.
  double radius = 0.0;
  std::uint64_t draws = 0;  // 0 where only the rest is known

  bool correct() const { return predicted == label; }
  // The smoothed classifier returns the true label throughout the ball of radius r.
  bool certified_at(double r) const { return correct() && radius >= r; }
  friend bool operator==(const CertifiedExample&, const CertifiedExample&) = default;
};

struct Certificate {
  Protocol protocol;
  base::Digest model_sha256;
  std::vector<CertifiedExample> examples;  // ascending index
  // The protocol's list, where it is known. Longer than `examples` when the run was curtailed: it
  // stopped as soon as no outcome of the rest could have let the model pass.
  std::vector<std::uint32_t> listed;

  bool curtailed() const { return examples.size() < listed.size(); }
  std::size_t left() const { return curtailed() ? listed.size() - examples.size() : 0; }
};

// At least `needed` examples certified at `radius`, or the model cannot pass.
struct Floor {
  double radius = 0.0;
  std::uint64_t needed = 0;
};

// What one row of counts shows (core/certificate/stopping.h). Errors (usage, bad_data): a protocol
// that is none; counts that do not fit it.
base::Result<CertifiedExample> certify_example(const Protocol& protocol, std::int64_t classes,
                                               const ExampleCounts& counts);

// certify_example for every row. The rows' indices are exactly `expected`, or the beginning of it
// where they put one of `floors` out of reach; anything else is refused.
base::Result<Certificate> certify(const Protocol& protocol, const base::Digest& model_sha256,
                                  std::int64_t classes, const std::vector<std::uint32_t>& expected,
                                  const std::vector<ExampleCounts>& counts,
                                  const std::vector<Floor>& floors = {});

}  // namespace heirloom::certificate

// What must hold for examples and protocols that come from files; private to core/certificate.
// Errors say what is wrong and leave the place to the caller.
#pragma once

#include "core/base/result.h"
#include "core/certificate/certificate.h"
#include "core/certificate/log.h"

namespace heirloom::certificate {

// By itself: label, prediction, radius and bound are ones that a certificate can have.
base::Result<void> check_example(const CertifiedExample& example);

// n0 (0 where it is not known), n, alpha and sigma are ones that a certificate can have.
base::Result<void> check_sampling(const Protocol& protocol);

// That the log has n_a and bounds to write down, which a paper log has not.
base::Result<void> check_has_counts(const Log& log);

// What the sampling of a protocol allows. Check the protocol first.
class Limits {
 public:
  // `three_digits`: radii were rounded to three significant digits, perhaps up.
  explicit Limits(const Protocol& protocol, bool three_digits = false);

  double largest_radius() const { return largest_radius_; }
  // Of any mode: no radius is above that of n draws that all agree.
  base::Result<void> check_radius(const CertifiedExample& example) const;
  // That n_a is a count of the n draws and, in exact mode, p_lower and radius follow from it.
  base::Result<void> check_claims(const CertifiedExample& example) const;

 private:
  base::Result<void> check_exact(const CertifiedExample& example) const;

  Protocol protocol_;
  double largest_radius_;
};

}  // namespace heirloom::certificate

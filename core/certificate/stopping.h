// When an example of a certification needs no more draws, and what its counts then show
// (docs/statistics.md sections 1 and 6). The worker stops by this rule and the daemon reads the
// worker's counts by it, so neither takes the other's word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "core/certificate/certificate.h"
#include "core/certificate/counts.h"
#include "core/certificate/protocol.h"
#include "core/stats/sequential.h"

namespace heirloom::certificate {

// The questions that ExampleCounts::stops answers, in this order:
//   exact     none: every example gets n draws
//   gate      for each of the protocol's radii: is the probability of the label at least
//             Phi(r / sigma)? Then, when n0 > 0: is that of the selected class above 1/2?
//   adaptive  one: the probability of the selected class
// A radius counts as certified only if every smaller one is, so several need no more level than
// one. Immutable; threads may share one.
class StoppingRule {
 public:
  static base::Result<StoppingRule> create(const Protocol& protocol, std::int64_t classes);

  // The numbers of estimation draws at which there is something to decide, ascending, the last n.
  const std::vector<std::uint32_t>& looks() const { return looks_; }

  // `row.estimate` holds the first looks()[look] draws, and `row.select` all n0. Settles in
  // row.stops what can be settled; true when nothing is open. Looks come in order, none left out.
  bool settle(std::size_t look, ExampleCounts& row) const;

  // Errors (bad_data): counts that the rule cannot have led to, naming the example.
  base::Result<CertifiedExample> conclude(const ExampleCounts& row) const;

 private:
  StoppingRule(const Protocol& protocol, std::int64_t classes);

  bool settle_gate(std::size_t look, ExampleCounts& row) const;
  bool settle_adaptive(std::size_t look, ExampleCounts& row) const;
  bool known_well(const Stop& now) const;
  base::Result<void> check(const ExampleCounts& row) const;
  base::Result<void> check_stops(const ExampleCounts& row) const;
  CertifiedExample conclude_exact(const ExampleCounts& row) const;
  CertifiedExample conclude_gate(const ExampleCounts& row) const;
  CertifiedExample conclude_adaptive(const ExampleCounts& row) const;
  stats::Decision decided(std::size_t question, const Stop& stop) const;
  std::int32_t questioned(std::size_t question, const ExampleCounts& row) const;
  std::size_t look_of(const Stop& stop) const;  // looks().size() when there is no such look
  double adaptive_lower(const Stop& stop) const;

  Protocol protocol_;
  std::int64_t classes_;
  std::vector<std::uint32_t> looks_;
  std::vector<stats::SequentialTest> tests_;  // gate: one a question
};

// The class with most votes; among equals the lowest, which is still independent of the
// estimation draws. -1 for no votes at all.
std::int32_t selected_class(const std::vector<std::uint32_t>& votes);

}  // namespace heirloom::certificate

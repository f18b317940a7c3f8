// Anytime-valid tests of a success probability (docs/statistics.md section 6): the draws of one
// example may stop at any look without costing level.
//
// With p0 the probability in question, H successes in t draws and a Beta(1/2, 1/2) mixture cut to
// the alternative, the likelihood ratio against p0 is a nonnegative supermartingale under the null
// (Ville 1939), so that P(it ever reaches 1/alpha) <= alpha.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace heirloom::stats {

// ln of the e-process against p <= p0 (evidence that p is larger) and against p >= p0.
// 0 < p0 < 1, 0 <= successes <= draws.
double log_evidence_above(std::uint64_t successes, std::uint64_t draws, double p0);
double log_evidence_below(std::uint64_t successes, std::uint64_t draws, double p0);

// The largest p0 that evidence at level alpha is above: a lower confidence bound for p, valid
// whenever the draws were stopped; 0 when there is none. Rounded down. upper mirrors it.
double anytime_lower(std::uint64_t successes, std::uint64_t draws, double alpha);
double anytime_upper(std::uint64_t successes, std::uint64_t draws, double alpha);

// The draw counts at which a test with at most n draws looks: every 8 up to 256, then 2 % apart,
// and n itself. Ascending.
std::vector<std::uint32_t> look_schedule(std::uint64_t n);

enum class Decision { undecided, above, not_above };

// Is p >= p0? `above` has level alpha over all looks: half of it for the e-process, half for the
// exact binomial test at the last look. `not_above` before the last look has level reject_alpha,
// which costs power only. Immutable; threads may share one.
class SequentialTest {
 public:
  // looks: ascending, not empty; the last is the most draws there are.
  SequentialTest(double p0, double alpha, double reject_alpha,
                 std::span<const std::uint32_t> looks);

  // What `successes` of looks[look] draws decide. At the last look never undecided.
  Decision at(std::size_t look, std::uint64_t successes) const;

 private:
  struct Bounds {
    std::uint32_t above = 0;      // decides `above` from this many successes on
    std::int64_t not_above = -1;  // decides `not_above` up to this many
  };
  std::vector<Bounds> bounds_;  // one a look
};

}  // namespace heirloom::stats

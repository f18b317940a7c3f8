// The outcome of an attack on certificates (docs/statistics.md section 8): which claims were
// attacked, the votes at what the attack found, and what follows from them.
//
// As a file: a header line and one tab-separated row an attacked example,
//   idx  claimed  epsilon   distance  draws  votes
//   17   3        0.478521  0.478519  10000  0,41,0,9958,1
// `votes` are per class, of fresh noise around the found image; draws whose largest logit was tied
// belong to no class.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/certificate/certificate.h"

namespace heirloom::certificate {

// A claim that can be wrong: within `epsilon` of the example, no image has another class.
struct AttackTarget {
  std::uint32_t index = 0;   // into the holdout
  std::int32_t claimed = 0;  // the certified class
  double epsilon = 0.0;      // l2, just below the certified radius

  friend bool operator==(const AttackTarget&, const AttackTarget&) = default;
};

struct AttackPlan {
  std::vector<AttackTarget> targets;  // ascending index
  // Examples that were looked at to find them: the targets and those without a claim.
  std::uint64_t drawn = 0;
};

// The first `count` examples of `order` whose label is certified at a positive radius, or all there
// are. `order` holds the certificate's indices, in an order that nobody who trains models can
// choose. Examples that it does not hold are passed over.
AttackPlan plan_attack(const Certificate& certificate, std::span<const std::uint32_t> order,
                       std::uint64_t count);

// What was found for one target.
struct AttackRow {
  AttackTarget target;
  double distance = 0.0;             // of the found image, l2; at most epsilon
  std::uint32_t draws = 0;           // fresh ones, around the found image
  std::vector<std::uint32_t> votes;  // [classes]

  friend bool operator==(const AttackRow&, const AttackRow&) = default;
};

// At least so many draws confirm a break.
inline constexpr std::uint32_t kConfirmDraws = 10000;

std::string attack_to_tsv(std::span<const AttackRow> rows);
// An error names `origin` and the line.
base::Result<std::vector<AttackRow>> attack_from_tsv(std::string_view text,
                                                     std::string_view origin);

struct Falsification {
  std::uint64_t drawn = 0;
  std::uint64_t attacked = 0;
  std::vector<std::uint32_t> broken;  // indices of the examples, ascending
};

// A claim is broken where P(Bin(draws, 1/2) <= votes for the claimed class) <= alpha / attacked:
// the certificate says that this class has more than half of the votes everywhere in the ball.
// Errors (bad_data): rows that are not exactly those of the plan, or that are impossible.
base::Result<Falsification> conclude_attack(const AttackPlan& plan, std::span<const AttackRow> rows,
                                            double alpha);

// Whether so many breaks are too many for certificates of level alpha:
// P(Bin(drawn, alpha (1 + 1 / attacked)) >= broken) <= 0.001.
bool refutes_alpha(const Falsification& falsification, double alpha);

}  // namespace heirloom::certificate

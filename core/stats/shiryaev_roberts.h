// Has a share fallen? The Shiryaev-Roberts procedure over batch after batch: evidence adds up, so
// that a small fall is found too, and the rate of false alarms is set by the threshold alone
// (docs/drift.md).
#pragma once

#include <array>
#include <cstdint>

namespace heirloom::stats {

class ShiryaevRoberts {
 public:
  // The falls that are looked for, all at once.
  static constexpr std::array kFalls = {0.02, 0.05, 0.10, 0.20};
  using Sums = std::array<double, kFalls.size()>;

  ShiryaevRoberts() = default;
  explicit ShiryaevRoberts(const Sums& sums) : sums_(sums) {}

  // `hits` of `count` new examples, where at least a share `share` in (0, 1) is expected:
  // S_d <- e_d (1 + S_d) with e_d = ((c - d) / c)^hits ((1 - c + d) / (1 - c))^(count - hits).
  // Falls of `share` or more are left out.
  void add(std::int64_t hits, std::int64_t count, double share);

  // Mean of the S_d: its expectation after k batches without a fall is at most k, so an alarm at A
  // comes at most every A batches in the long run.
  double value() const;
  const Sums& sums() const { return sums_; }

 private:
  Sums sums_{};
};

}  // namespace heirloom::stats

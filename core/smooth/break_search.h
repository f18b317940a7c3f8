// The attack on one example; private to core/smooth.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/certificate/falsification.h"
#include "core/smooth/attack.h"
#include "core/smooth/ball.h"
#include "core/smooth/noisy_votes.h"
#include "core/smooth/smoothed_gradient.h"

namespace heirloom::smooth {

// Asked before each step; an error ends the search.
struct SearchHooks {
  std::function<base::Result<void>()> before_step;
  std::function<void(std::uint64_t)> on_samples;
};

// Owns two loaded copies of the model. One thread, always the one that created it.
class BreakSearch {
 public:
  static base::Result<BreakSearch> create(const AttackTask& task);

  base::Result<certificate::AttackRow> run(const certificate::AttackTarget& target,
                                           const SearchHooks& hooks);

 private:
  struct Climber;  // one example's search

  BreakSearch(const AttackTask& task, NoisyVotes votes, SmoothedGradient gradient)
      : task_(&task), votes_(std::move(votes)), gradient_(std::move(gradient)) {}
  base::Result<std::vector<std::uint32_t>> count_votes(std::span<const float> image,
                                                       const base::Digest& seed,
                                                       std::uint64_t first, std::uint64_t draws);
  base::Result<std::vector<float>> climb(const Ball& ball, Climber& climber,
                                         const AttackSearch& search, bool from_centre);
  base::Result<std::vector<float>> find(const Ball& ball, Climber& climber);

  const AttackTask* task_;
  NoisyVotes votes_;
  SmoothedGradient gradient_;
};

}  // namespace heirloom::smooth

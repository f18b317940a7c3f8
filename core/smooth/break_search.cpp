#include "core/smooth/break_search.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "core/base/normal_stream.h"
#include "core/smooth/noisy_input.h"

namespace heirloom::smooth {
namespace {

using base::Result;
using certificate::AttackRow;
using certificate::AttackTarget;

constexpr std::uint64_t kFirstChoosing = std::uint64_t{1} << 30;
constexpr std::uint64_t kFirstConfirming = std::uint64_t{1} << 31;
// Draws by which the images that were found are compared.
constexpr std::uint32_t kChoosingDraws = 500;

std::uint64_t next_multiple(std::uint64_t at_least, std::uint64_t of) {
  return (at_least + of - 1) / of * of;
}

}  // namespace

struct BreakSearch::Climber {
  std::int32_t claimed = 0;
  base::Digest seed;
  const SearchHooks& hooks;
  std::uint32_t next_draw = 0;
};

Result<BreakSearch> BreakSearch::create(const AttackTask& task) {
  const VotesSetup setup{.model = task.model,
                         .origin = task.origin,
                         .shape = task.holdout->shape,
                         .classes = task.holdout->classes,
                         .classifier_id = task.noise.classifier_id,
                         .sigma = task.noise.sigma,
                         .grid = task.grid,
                         .forward_batch = task.forward_batch};
  HEIRLOOM_ASSIGN(NoisyVotes votes, NoisyVotes::create(setup));
  HEIRLOOM_ASSIGN(SmoothedGradient gradient, SmoothedGradient::create(setup));
  return BreakSearch(task, std::move(votes), std::move(gradient));
}

Result<std::vector<std::uint32_t>> BreakSearch::count_votes(std::span<const float> image,
                                                            const base::Digest& seed,
                                                            std::uint64_t first,
                                                            std::uint64_t draws) {
  const auto batch = static_cast<std::uint64_t>(task_->forward_batch);
  std::vector<std::uint32_t> counts(static_cast<std::size_t>(task_->holdout->classes), 0);
  first = next_multiple(first, batch);
  for (std::uint64_t done = 0; done < draws; done += batch) {
    HEIRLOOM_ASSIGN(const auto votes,
                    votes_.draw(image, seed, first + done, std::min(batch, draws - done)));
    for (const std::int32_t vote : votes) {
      if (vote != NoisyVotes::kNoVote) ++counts[static_cast<std::size_t>(vote)];
    }
  }
  return counts;
}

Result<std::vector<float>> BreakSearch::climb(const Ball& ball, Climber& climber,
                                              const AttackSearch& search, bool from_centre) {
  std::vector<float> image(ball.centre.begin(), ball.centre.end());
  if (!from_centre) {
    std::vector<float> direction(image.size());
    base::NormalStream(climber.seed).fill(climber.next_draw++, direction);
    step_along(direction, ball.radius / 2.0, image);
    project(ball, image);
  }
  for (std::uint32_t step = 0; step < search.steps; ++step) {
    HEIRLOOM_TRY(climber.hooks.before_step());
    HEIRLOOM_ASSIGN(
        const std::span<const float> uphill,
        gradient_.at(image, climber.claimed, climber.seed, climber.next_draw, search.draws));
    climber.next_draw += search.draws;
    step_along(uphill, 2.0 * ball.radius / search.steps, image);
    project(ball, image);
    climber.hooks.on_samples(search.draws);
  }
  if (task_->grid) round_to_grid(ball, image);
  return image;
}

// The image for which the claimed class has fewest votes, of those that the climbs end at.
Result<std::vector<float>> BreakSearch::find(const Ball& ball, Climber& climber) {
  std::vector<float> best;
  std::uint32_t fewest = std::numeric_limits<std::uint32_t>::max();
  for (const AttackSearch& search : task_->searches) {
    for (std::uint32_t restart = 0; restart < search.restarts; ++restart) {
      HEIRLOOM_ASSIGN(std::vector<float> image, climb(ball, climber, search, restart == 0));
      HEIRLOOM_ASSIGN(const auto votes,
                      count_votes(image, climber.seed, kFirstChoosing, kChoosingDraws));
      climber.hooks.on_samples(kChoosingDraws);
      const std::uint32_t ours = votes[static_cast<std::size_t>(climber.claimed)];
      if (ours >= fewest) continue;
      fewest = ours;
      best = std::move(image);
      if (5 * fewest < 2 * kChoosingDraws) return best;  // lost beyond doubt: no need to go on
    }
  }
  return best;
}

Result<AttackRow> BreakSearch::run(const AttackTarget& target, const SearchHooks& hooks) {
  const std::vector<float> centre = pixel_values(task_->holdout->image(target.index));
  const Ball ball{centre, target.epsilon};
  Climber climber{target.claimed,
                  noise_seed(task_->noise, Purpose::attack,
                             data::example_digest(*task_->holdout, target.index), target.index),
                  hooks};
  HEIRLOOM_ASSIGN(const std::vector<float> image, find(ball, climber));
  HEIRLOOM_TRY(hooks.before_step());
  AttackRow row;
  row.target = target;
  row.distance = l2_distance(image, centre);
  row.draws = certificate::kConfirmDraws;
  HEIRLOOM_ASSIGN(row.votes, count_votes(image, climber.seed, kFirstConfirming, row.draws));
  hooks.on_samples(row.draws);
  return row;
}

}  // namespace heirloom::smooth

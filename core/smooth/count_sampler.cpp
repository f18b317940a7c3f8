#include "core/smooth/count_sampler.h"

#include <map>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "core/smooth/noisy_input.h"
#include "core/smooth/noisy_votes.h"
#include "core/smooth/row_scheduler.h"

namespace heirloom::smooth {
namespace {

using base::ErrorKind;
using base::Result;

VotesSetup votes_setup(const CountTask& task) {
  return {.model = task.model,
          .origin = task.origin,
          .shape = task.holdout->shape,
          .classes = task.holdout->classes,
          .classifier_id = task.noise.classifier_id,
          .sigma = task.noise.sigma,
          .grid = task.protocol->grid,
          .forward_batch = task.protocol->forward_batch};
}

Result<std::span<const std::int32_t>> run_pass(const CountTask& task, NoisyVotes& votes,
                                               const Pass& pass) {
  const std::uint32_t index = task.examples[pass.position];
  const base::Digest seed =
      noise_seed(task.noise, pass.purpose, data::example_digest(*task.holdout, index), index);
  auto drawn = votes.draw(pixel_values(task.holdout->image(index)), seed, pass.first, pass.count);
  if (drawn) return drawn;
  base::Error error = std::move(drawn).error();
  error.message =
      fmt::format("example {}, {} draws: {}", index, to_string(pass.purpose), error.message);
  return tl::unexpected(std::move(error));
}

void run_passes(const CountTask& task, RowScheduler& scheduler) {
  auto votes = NoisyVotes::create(votes_setup(task));
  if (!votes) return scheduler.fail(std::move(votes).error());
  while (const auto pass = scheduler.take()) {
    auto drawn = run_pass(task, *votes, *pass);
    if (!drawn) return scheduler.fail(std::move(drawn).error());
    scheduler.add(*pass, *drawn);
  }
}

Result<void> check_task(const CountTask& task) {
  if (task.threads < 1 || task.first > task.examples.size()) {
    return base::fail(ErrorKind::usage,
                      fmt::format("{} threads from example {} of {}: no such run", task.threads,
                                  task.first, task.examples.size()));
  }
  for (const std::uint32_t index : task.examples) {
    if (index >= task.holdout->size()) {
      return base::fail(ErrorKind::usage,
                        fmt::format("example {} is beyond the holdout's {} examples", index,
                                    task.holdout->size()));
    }
  }
  return {};
}

}  // namespace

Result<void> sample_counts(const CountTask& task, const CountHooks& hooks) {
  HEIRLOOM_TRY(check_task(task));
  HEIRLOOM_ASSIGN(const auto rule,
                  certificate::StoppingRule::create(*task.protocol, task.holdout->classes));
  RowScheduler scheduler(task, rule, hooks);
  {
    // This thread only waits: every pass runs on a thread that set its own thread count to one.
    std::vector<std::jthread> threads;
    for (int i = 0; i < task.threads; ++i) {
      threads.emplace_back([&task, &scheduler] { run_passes(task, scheduler); });
    }
  }
  return scheduler.outcome();
}

}  // namespace heirloom::smooth

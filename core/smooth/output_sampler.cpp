#include "core/smooth/output_sampler.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "core/certificate/stopping.h"
#include "core/smooth/noisy_input.h"
#include "core/smooth/noisy_votes.h"

namespace heirloom::smooth {
namespace {

using base::ErrorKind;
using base::Result;
using certificate::OutputRow;

// Hands out the examples, and keeps the first error.
class Round {
 public:
  Round(const OutputTask& task, const OutputHooks& hooks)
      : hooks_(hooks), rows_(task.examples.size()) {}

  std::optional<std::size_t> take() {
    const std::lock_guard lock(mutex_);
    if (error_ || next_ == rows_.size()) return std::nullopt;
    if (hooks_.should_stop && hooks_.should_stop()) {
      error_ = base::Error{ErrorKind::unavailable, "stopped on request", ""};
      return std::nullopt;
    }
    return next_++;
  }

  void put(std::size_t position, OutputRow row) {
    const std::lock_guard lock(mutex_);
    rows_[position] = std::move(row);
    ++done_;
    if (hooks_.on_example) hooks_.on_example(done_);
  }

  void fail(base::Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }

  Result<std::vector<OutputRow>> outcome() && {
    if (error_) return tl::unexpected(*std::move(error_));
    return std::move(rows_);
  }

 private:
  const OutputHooks& hooks_;
  std::mutex mutex_;
  std::vector<OutputRow> rows_;
  std::size_t next_ = 0;
  std::size_t done_ = 0;
  std::optional<base::Error> error_;
};

// Votes of `draws` draws of one stream, added to `counts`; softmax outputs to `sums`, if any.
Result<void> draw_all(const OutputTask& task, NoisyVotes& votes, std::span<const float> image,
                      const base::Digest& seed, std::uint64_t draws,
                      std::vector<std::uint32_t>& counts, std::span<double> sums) {
  const auto batch = static_cast<std::uint64_t>(task.protocol->forward_batch);
  for (std::uint64_t first = 0; first < draws; first += batch) {
    HEIRLOOM_ASSIGN(const auto drawn,
                    votes.draw(image, seed, first, std::min(batch, draws - first)));
    for (const std::int32_t vote : drawn) {
      if (vote != NoisyVotes::kNoVote) ++counts[static_cast<std::size_t>(vote)];
    }
    if (!sums.empty()) votes.add_outputs(sums);
  }
  return {};
}

Result<OutputRow> sample_one(const OutputTask& task, NoisyVotes& votes, std::uint32_t index) {
  const data::Dataset& images = *task.images;
  const auto classes = static_cast<std::size_t>(images.classes);
  const std::vector<float> image = pixel_values(images.image(index));
  const base::Digest digest = data::example_digest(images, index);
  OutputRow row;
  row.index = index;
  row.label = images.labels[index];
  std::vector<double> sums(classes, 0.0);
  std::vector<std::uint32_t> select(classes, 0);
  HEIRLOOM_TRY(draw_all(task, votes, image, noise_seed(task.noise, Purpose::select, digest, index),
                        task.protocol->n0, select, sums));
  for (const double sum : sums) {
    row.outputs.push_back(static_cast<float>(sum / static_cast<double>(task.protocol->n0)));
  }
  row.selected = certificate::selected_class(select);
  std::vector<std::uint32_t> estimate(classes, 0);
  HEIRLOOM_TRY(draw_all(task, votes, image,
                        noise_seed(task.noise, Purpose::estimate, digest, index), task.protocol->n,
                        estimate, {}));
  if (row.selected >= 0) row.hits = estimate[static_cast<std::size_t>(row.selected)];
  return row;
}

void sample_many(const OutputTask& task, Round& round) {
  auto votes = NoisyVotes::create({.model = task.model,
                                   .origin = task.origin,
                                   .shape = task.images->shape,
                                   .classes = task.images->classes,
                                   .classifier_id = task.noise.classifier_id,
                                   .sigma = task.noise.sigma,
                                   .grid = task.protocol->grid,
                                   .forward_batch = task.protocol->forward_batch});
  if (!votes) return round.fail(std::move(votes).error());
  while (const auto position = round.take()) {
    const std::uint32_t index = task.examples[*position];
    auto row = sample_one(task, *votes, index);
    if (!row) {
      base::Error error = std::move(row).error();
      error.message = fmt::format("example {}: {}", index, error.message);
      return round.fail(std::move(error));
    }
    round.put(*position, *std::move(row));
  }
}

}  // namespace

Result<std::vector<OutputRow>> sample_outputs(const OutputTask& task, const OutputHooks& hooks) {
  for (const std::uint32_t index : task.examples) {
    if (index < task.images->size()) continue;
    return base::fail(ErrorKind::usage,
                      fmt::format("example {} is beyond {} examples", index, task.images->size()));
  }
  Round round(task, hooks);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < std::max(task.threads, 1); ++i) {
      threads.emplace_back([&] { sample_many(task, round); });
    }
  }
  return std::move(round).outcome();
}

}  // namespace heirloom::smooth

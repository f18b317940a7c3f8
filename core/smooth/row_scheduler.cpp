#include "core/smooth/row_scheduler.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/smooth/noisy_votes.h"

namespace heirloom::smooth {
namespace {

using base::ErrorKind;

// Examples that may be open while an earlier one could take passes ahead of the rule.
constexpr std::size_t kWindow = 64;

std::uint64_t passes_for(std::uint64_t draws, std::uint64_t batch) {
  return (draws + batch - 1) / batch;
}

}  // namespace

RowScheduler::RowScheduler(const CountTask& task, const certificate::StoppingRule& rule,
                           const CountHooks& hooks)
    : task_(task),
      rule_(rule),
      hooks_(hooks),
      batch_(static_cast<std::uint64_t>(task.protocol->forward_batch)),
      select_passes_(passes_for(task.protocol->n0, batch_)),
      passes_(select_passes_ + passes_for(task.protocol->n, batch_)),
      sequential_(task.protocol->mode != certificate::Mode::exact),
      emitted_(task.first) {}

RowScheduler::Open& RowScheduler::open_row(std::size_t position) {
  Open& open = open_.emplace_back();
  const auto classes = static_cast<std::size_t>(task_.holdout->classes);
  open.row.index = task_.examples[position];
  open.row.label = task_.holdout->labels[open.row.index];
  if (task_.protocol->n0 > 0) open.row.select.assign(classes, 0);
  open.row.estimate.assign(classes, 0);
  return open;
}

// In exact mode every pass is wanted, so the first example that has one left. In the others: an
// example that waits for nothing, or a new one, or else, ahead of the rule, the one that has least
// out.
std::optional<std::size_t> RowScheduler::choose() const {
  std::optional<std::size_t> ahead;
  for (std::size_t i = 0; i < open_.size(); ++i) {
    const Open& open = open_[i];
    if (open.settled || open.handed_out == passes_) continue;
    const std::uint64_t out = open.handed_out - open.counted;
    if (!sequential_ || out == 0) return i;
    if (!ahead || out < open_[*ahead].handed_out - open_[*ahead].counted) ahead = i;
  }
  const bool more = emitted_ + open_.size() < task_.examples.size();
  if (more && (!ahead || open_.size() < kWindow)) return open_.size();
  return ahead;
}

Pass RowScheduler::pass_of(std::size_t position, std::uint64_t number) const {
  Pass pass{.position = position, .number = number};
  std::uint64_t draws = task_.protocol->n0;
  if (number >= select_passes_) {
    pass.purpose = Purpose::estimate;
    draws = task_.protocol->n;
    number -= select_passes_;
  }
  pass.first = number * batch_;
  pass.count = std::min(batch_, draws - pass.first);
  return pass;
}

std::optional<Pass> RowScheduler::take() {
  const std::lock_guard lock(mutex_);
  if (error_ || enough_) return std::nullopt;
  if (hooks_.should_stop && hooks_.should_stop()) {
    error_ = base::Error{
        ErrorKind::unavailable,
        fmt::format("stopped after {} of {} examples", emitted_, task_.examples.size()), ""};
    return std::nullopt;
  }
  const std::optional<std::size_t> chosen = choose();
  if (!chosen) return std::nullopt;
  Open& open = *chosen == open_.size() ? open_row(emitted_ + *chosen) : open_[*chosen];
  return pass_of(emitted_ + *chosen, open.handed_out++);
}

// Counts the votes one by one, so that a look sees the draws before it and no others.
void RowScheduler::count(Open& open, const Votes& votes) {
  const bool selecting = open.counted < select_passes_;
  ++open.counted;
  for (const std::int32_t vote : votes) {
    std::vector<std::uint32_t>& counts = selecting ? open.row.select : open.row.estimate;
    if (vote != NoisyVotes::kNoVote) ++counts[static_cast<std::size_t>(vote)];
    if (selecting || ++open.draws != rule_.looks()[open.look]) continue;
    open.settled = rule_.settle(open.look++, open.row);
    if (open.settled) return;
  }
}

void RowScheduler::add(const Pass& pass, std::span<const std::int32_t> votes) {
  const std::lock_guard lock(mutex_);
  if (error_ || enough_ || pass.position < emitted_) return;
  if (hooks_.on_samples) hooks_.on_samples(pass.count);
  Open& open = open_[pass.position - emitted_];
  if (open.settled) return;
  open.back.emplace(pass.number, Votes(votes.begin(), votes.end()));
  while (!open.settled && !open.back.empty() && open.back.begin()->first == open.counted) {
    count(open, open.back.begin()->second);
    open.back.erase(open.back.begin());
  }
  emit();
}

void RowScheduler::emit() {
  while (!error_ && !enough_ && !open_.empty() && open_.front().settled) {
    auto next = hooks_.on_example(open_.front().row);
    if (!next) {
      error_ = std::move(next).error();
      return;
    }
    enough_ = *next == Next::enough;
    open_.pop_front();
    ++emitted_;
  }
}

void RowScheduler::fail(base::Error error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
}

base::Result<void> RowScheduler::outcome() const {
  if (error_) return tl::unexpected<base::Error>(*error_);
  return {};
}

}  // namespace heirloom::smooth

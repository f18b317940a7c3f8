#include "core/smooth/attack.h"

#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "core/smooth/break_search.h"

namespace heirloom::smooth {
namespace {

using base::ErrorKind;
using base::Result;
using certificate::AttackRow;
using certificate::AttackTarget;

// The draws of one example's search must end before those that choose begin.
constexpr std::uint64_t kMaxSearchDraws = std::uint64_t{1} << 30;

// Hands out targets, and puts the rows that come back in order. Thread-safe; the hooks run under
// its lock.
class Turns {
 public:
  Turns(const AttackTask& task, const AttackHooks& hooks)
      : task_(task), hooks_(hooks), next_(task.first), emitted_(task.first) {}

  std::optional<std::size_t> take() {
    const std::lock_guard lock(mutex_);
    if (error_ || next_ == task_.targets.size()) return std::nullopt;
    return next_++;
  }

  Result<void> before_step() {
    const std::lock_guard lock(mutex_);
    if (!error_ && hooks_.should_stop && hooks_.should_stop()) {
      error_ = base::Error{ErrorKind::unavailable, "the attack was stopped", ""};
    }
    if (error_) return tl::unexpected<base::Error>(*error_);
    return {};
  }

  void sampled(std::uint64_t count) {
    const std::lock_guard lock(mutex_);
    if (!error_ && hooks_.on_samples) hooks_.on_samples(count);
  }

  void add(std::size_t position, AttackRow row) {
    const std::lock_guard lock(mutex_);
    back_.emplace(position, std::move(row));
    while (!error_ && !back_.empty() && back_.begin()->first == emitted_) {
      if (auto taken = hooks_.on_example(back_.begin()->second); !taken) error_ = taken.error();
      back_.erase(back_.begin());
      ++emitted_;
    }
  }

  void fail(base::Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }

  Result<void> outcome() const {
    if (error_) return tl::unexpected<base::Error>(*error_);
    return {};
  }

 private:
  const AttackTask& task_;
  const AttackHooks& hooks_;
  // Guarded by mutex_.
  std::mutex mutex_;
  std::size_t next_;
  std::size_t emitted_;
  std::map<std::size_t, AttackRow> back_;  // rows that came back before an earlier one
  std::optional<base::Error> error_;
};

void run_searches(const AttackTask& task, Turns& turns) {
  auto search = BreakSearch::create(task);
  if (!search) return turns.fail(std::move(search).error());
  const SearchHooks hooks{[&] { return turns.before_step(); },
                          [&](std::uint64_t count) { turns.sampled(count); }};
  while (const auto position = turns.take()) {
    const AttackTarget& target = task.targets[*position];
    auto row = search->run(target, hooks);
    if (!row) {
      base::Error error = std::move(row).error();
      if (error.kind != ErrorKind::unavailable) {
        error.message = fmt::format("example {}, attack: {}", target.index, error.message);
      }
      return turns.fail(std::move(error));
    }
    turns.add(*position, *std::move(row));
  }
}

Result<void> check_task(const AttackTask& task) {
  std::uint64_t draws = 0;
  std::uint64_t climbs = 0;
  for (const AttackSearch& search : task.searches) {
    climbs += search.restarts;
    draws += std::uint64_t{search.restarts} * (1 + std::uint64_t{search.draws} * search.steps);
    if (search.draws < 1 || search.steps < 1) climbs = 0;
  }
  if (task.threads < 1 || task.first > task.targets.size() || climbs < 1 ||
      draws > kMaxSearchDraws) {
    return base::fail(ErrorKind::usage, "an attack without threads, targets or steps");
  }
  for (const AttackTarget& target : task.targets) {
    if (target.index >= task.holdout->size() || target.claimed < 0 ||
        target.claimed >= task.holdout->classes || !(target.epsilon > 0.0)) {
      return base::fail(
          ErrorKind::usage,
          fmt::format("example {} cannot be attacked: class {} of {} within {}", target.index,
                      target.claimed, task.holdout->classes, target.epsilon));
    }
  }
  return {};
}

}  // namespace

Result<void> attack(const AttackTask& task, const AttackHooks& hooks) {
  HEIRLOOM_TRY(check_task(task));
  Turns turns(task, hooks);
  {
    // This thread only waits: every pass runs on a thread that set its own thread count to one.
    std::vector<std::jthread> threads;
    for (int i = 0; i < task.threads; ++i) {
      threads.emplace_back([&task, &turns] { run_searches(task, turns); });
    }
  }
  return turns.outcome();
}

}  // namespace heirloom::smooth

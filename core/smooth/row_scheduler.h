// Which draws of which example come next, and when an example's row is complete. Shared by the
// threads of one certification; private to core/smooth.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "core/certificate/stopping.h"
#include "core/smooth/count_sampler.h"

namespace heirloom::smooth {

// One forward pass: `count` draws from draw `first` of one example's stream.
struct Pass {
  std::size_t position = 0;  // in the task's list of examples
  std::uint64_t number = 0;  // of the example's passes, selection first
  Purpose purpose = Purpose::select;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

// Each example's passes are counted in their order, whatever order they come back in, and rows go
// out in the order of the list: so the rows do not depend on threads or timing. Passes are handed
// out ahead of the stopping rule only when there is no other work; what comes back after an
// example's last look is dropped. Thread-safe; the hooks run under its lock.
class RowScheduler {
 public:
  RowScheduler(const CountTask& task, const certificate::StoppingRule& rule,
               const CountHooks& hooks);

  // The next pass, or nothing when there is none left or the run has ended.
  std::optional<Pass> take();
  void add(const Pass& pass, std::span<const std::int32_t> votes);
  void fail(base::Error error);
  base::Result<void> outcome() const;

 private:
  using Votes = std::vector<std::int32_t>;

  struct Open {
    certificate::ExampleCounts row;
    std::uint64_t handed_out = 0;         // passes
    std::uint64_t counted = 0;            // passes
    std::map<std::uint64_t, Votes> back;  // passes that came back before an earlier one
    std::uint64_t draws = 0;              // of the estimate that row.estimate holds
    std::size_t look = 0;                 // the next one of the rule
    bool settled = false;
  };

  Open& open_row(std::size_t position);
  std::optional<std::size_t> choose() const;  // into open_
  Pass pass_of(std::size_t position, std::uint64_t number) const;
  void count(Open& open, const Votes& votes);
  void emit();

  // Constant after construction.
  const CountTask& task_;
  const certificate::StoppingRule& rule_;
  const CountHooks& hooks_;
  const std::uint64_t batch_;
  const std::uint64_t select_passes_;
  const std::uint64_t passes_;
  const bool sequential_;
  // Guarded by mutex_.
  std::mutex mutex_;
  std::size_t emitted_;    // rows before this position are out
  std::deque<Open> open_;  // rows from `emitted_` on that have begun
  bool enough_ = false;
  std::optional<base::Error> error_;
};

}  // namespace heirloom::smooth

#include "core/smooth/count_sampler.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "core/arch/artifact.h"
#include "core/arch/runtime.h"
#include "core/smooth/noisy_input.h"

namespace heirloom::smooth {
namespace {

using base::ErrorKind;
using base::Result;
using Counts = std::vector<std::uint32_t>;

constexpr std::int64_t kMaxForwardBatch = 65536;

// One forward pass: `count` draws from draw `first` of one example's stream.
struct Pass {
  std::size_t position = 0;  // in the task's list of examples
  Purpose purpose = Purpose::select;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

std::uint64_t rows_of(const CountTask& task) {
  return static_cast<std::uint64_t>(task.forward_batch);
}

std::uint64_t passes_for(const CountTask& task, std::uint64_t draws) {
  return (draws + rows_of(task) - 1) / rows_of(task);
}

// Adds the classes of the first `count` rows of float32 logits [B, K] to `counts`;
// false if a logit is not finite.
bool count_classes(const torch::Tensor& logits, std::uint64_t count, Counts& counts) {
  const torch::Tensor plain = logits.contiguous();
  const float* row = plain.data_ptr<float>();
  const std::size_t classes = counts.size();
  for (std::uint64_t r = 0; r < count; ++r, row += classes) {
    std::size_t best = 0;
    bool tied = false;
    for (std::size_t k = 0; k < classes; ++k) {
      if (!std::isfinite(row[k])) return false;
      if (k > 0 && row[k] >= row[best]) {
        tied = row[k] == row[best];
        if (!tied) best = k;
      }
    }
    if (!tied) ++counts[best];
  }
  return true;
}

// The forward passes of one thread: its own copy of the network and its own buffers.
class PassRunner {
 public:
  static Result<PassRunner> create(const CountTask& task) {
    arch::use_threads(1);
    HEIRLOOM_ASSIGN(
        arch::Artifact artifact,
        arch::Artifact::load(task.model, task.holdout->shape, task.holdout->classes, task.origin));
    if (artifact.classifier_id() != task.noise.classifier_id) {
      return base::fail(ErrorKind::usage, fmt::format("{} is classifier {}, but the job names {}",
                                                      task.origin, artifact.classifier_id().hex(),
                                                      task.noise.classifier_id.hex()));
    }
    return PassRunner(task, std::move(artifact));
  }

  Result<Counts> run(const Pass& pass) {
    const std::uint32_t index = task_->examples[pass.position];
    const base::NormalStream stream(noise_seed(
        task_->noise, pass.purpose, data::example_digest(*task_->holdout, index), index));
    const std::size_t numel = scratch_.size();
    const std::span<float> input(input_.data_ptr<float>(), numel * rows_of(*task_));
    for (std::uint64_t r = 0; r < pass.count; ++r) {
      add_noise(task_->holdout->image(index), task_->holdout->shape, task_->noise.sigma, stream,
                static_cast<std::uint32_t>(pass.first + r), scratch_,
                input.subspan(r * numel, numel));
    }
    std::fill(input.begin() + static_cast<std::ptrdiff_t>(pass.count * numel), input.end(), 0.0F);
    Counts counts(static_cast<std::size_t>(task_->holdout->classes), 0);
    if (!count_classes(artifact_.forward(input_), pass.count, counts)) {
      return base::fail(ErrorKind::bad_data,
                        fmt::format("{} gives logits that are not finite on example {} ({} draws "
                                    "{} to {})",
                                    task_->origin, index, to_string(pass.purpose), pass.first,
                                    pass.first + pass.count - 1));
    }
    return counts;
  }

 private:
  PassRunner(const CountTask& task, arch::Artifact artifact)
      : task_(&task),
        artifact_(std::move(artifact)),
        scratch_(static_cast<std::size_t>(task.holdout->shape.numel())) {
    const jobs::InputShape& shape = task.holdout->shape;
    // Channels-last strides written out: for one channel LibTorch would leave them ambiguous.
    input_ = torch::empty_strided({task.forward_batch, shape.channels, shape.height, shape.width},
                                  {shape.numel(), 1, shape.width * shape.channels, shape.channels});
  }

  const CountTask* task_;
  arch::Artifact artifact_;
  std::vector<float> scratch_;
  torch::Tensor input_;
};

// Hands passes out in order, adds up their counts and emits finished rows in order. Thread-safe;
// the hooks run under its lock.
class Ledger {
 public:
  Ledger(const CountTask& task, const CountHooks& hooks)
      : task_(task), hooks_(hooks), next_position_(task.first), emitted_(task.first) {}

  // The next pass, or nothing when there is none left or the run has ended.
  std::optional<Pass> take() {
    const std::lock_guard lock(mutex_);
    if (error_ || next_position_ == task_.examples.size()) return std::nullopt;
    if (hooks_.should_stop && hooks_.should_stop()) {
      end_with({ErrorKind::unavailable,
                fmt::format("stopped after {} of {} examples", emitted_, task_.examples.size()),
                ""});
      return std::nullopt;
    }
    if (next_pass_ == 0) open_.push_back(begin_row(next_position_));
    const std::uint64_t select_passes = passes_for(task_, task_.n0);
    Pass pass{.position = next_position_};
    std::uint64_t draws = task_.n0;
    std::uint64_t number = next_pass_;
    if (number >= select_passes) {
      pass.purpose = Purpose::estimate;
      draws = task_.n;
      number -= select_passes;
    }
    pass.first = number * rows_of(task_);
    pass.count = std::min(rows_of(task_), draws - pass.first);
    if (++next_pass_ == select_passes + passes_for(task_, task_.n)) {
      next_pass_ = 0;
      ++next_position_;
    }
    return pass;
  }

  void add(const Pass& pass, const Counts& counts) {
    const std::lock_guard lock(mutex_);
    if (error_) return;
    Open& open = open_[pass.position - emitted_];
    Counts& sum = pass.purpose == Purpose::select ? open.row.select : open.row.estimate;
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += counts[k];
    --open.passes_left;
    if (hooks_.on_samples) hooks_.on_samples(pass.count);
    while (!error_ && !open_.empty() && open_.front().passes_left == 0) {
      if (auto taken = hooks_.on_example(open_.front().row); !taken) {
        end_with(std::move(taken).error());
        return;
      }
      open_.pop_front();
      ++emitted_;
    }
  }

  void fail(base::Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) end_with(std::move(error));
  }

  Result<void> outcome() const {
    if (error_) return tl::unexpected<base::Error>(*error_);
    return {};
  }

 private:
  struct Open {
    certificate::ExampleCounts row;
    std::uint64_t passes_left = 0;
  };

  Open begin_row(std::size_t position) const {
    Open open;
    open.row.index = task_.examples[position];
    open.row.label = task_.holdout->labels[open.row.index];
    open.row.select.assign(static_cast<std::size_t>(task_.holdout->classes), 0);
    open.row.estimate = open.row.select;
    open.passes_left = passes_for(task_, task_.n0) + passes_for(task_, task_.n);
    return open;
  }

  void end_with(base::Error error) { error_ = std::move(error); }

  // Constant after construction.
  const CountTask& task_;
  const CountHooks& hooks_;
  // Guarded by mutex_.
  std::mutex mutex_;
  std::size_t next_position_;
  std::uint64_t next_pass_ = 0;  // within the example at next_position_
  std::size_t emitted_;          // rows before this position are out
  std::deque<Open> open_;        // rows from `emitted_` on that have begun
  std::optional<base::Error> error_;
};

void run_passes(const CountTask& task, Ledger& ledger) {
  try {
    auto runner = PassRunner::create(task);
    if (!runner) return ledger.fail(std::move(runner).error());
    while (const auto pass = ledger.take()) {
      auto counts = runner->run(*pass);
      if (!counts) return ledger.fail(std::move(counts).error());
      ledger.add(*pass, *counts);
    }
  } catch (const std::exception& error) {
    const std::string_view words = error.what();
    ledger.fail({ErrorKind::bad_data,
                 fmt::format("{} fails in a forward pass: {}", task.origin,
                             words.substr(0, words.find('\n'))),
                 ""});
  }
}

Result<void> check_task(const CountTask& task) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  if (task.n0 == 0 || task.n0 > most || task.n == 0 || task.n > most || task.threads < 1 ||
      task.forward_batch < 1 || task.forward_batch > kMaxForwardBatch ||
      task.first > task.examples.size()) {
    return base::fail(ErrorKind::usage,
                      fmt::format("n0 {}, n {}, forward batch {}, threads {}: one is out of range",
                                  task.n0, task.n, task.forward_batch, task.threads));
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
  Ledger ledger(task, hooks);
  {
    // This thread only waits: every pass runs on a thread that set its own thread count to one.
    std::vector<std::jthread> threads;
    for (int i = 0; i < task.threads; ++i) {
      threads.emplace_back([&task, &ledger] { run_passes(task, ledger); });
    }
  }
  return ledger.outcome();
}

}  // namespace heirloom::smooth

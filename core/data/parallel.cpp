#include "core/data/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace heirloom::data {
namespace {

// Items are handed out in ascending order, a few at a time. When one fails, those before it have
// been handed out already and are finished, so the lowest that fails is always found.
class Items {
 public:
  using Work = std::function<base::Result<void>(std::size_t)>;

  Items(std::size_t count, const Work& work) : count_(count), work_(work) {}

  void run() {
    for (;;) {
      const std::size_t first = next_.fetch_add(kAtOnce);
      if (first >= count_ || over_) return;
      const std::size_t last = std::min(count_, first + kAtOnce);
      for (std::size_t i = first; i < last; ++i) {
        if (!take(i)) return;
      }
    }
  }

  base::Result<void> outcome() {
    if (thrown_) std::rethrow_exception(thrown_);
    if (failed_) return tl::unexpected(std::move(failed_->second));
    return {};
  }

 private:
  static constexpr std::size_t kAtOnce = 16;

  bool take(std::size_t i) {
    try {
      auto done = work_(i);
      if (done) return true;
      const std::lock_guard lock(mutex_);
      if (!failed_ || i < failed_->first) failed_.emplace(i, std::move(done).error());
    } catch (...) {
      const std::lock_guard lock(mutex_);
      thrown_ = std::current_exception();
    }
    over_ = true;
    return false;
  }

  // Constant after construction.
  const std::size_t count_;
  const Work& work_;
  // With locking of their own.
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> over_{false};
  // Guarded by mutex_ until the threads have ended.
  std::mutex mutex_;
  std::optional<std::pair<std::size_t, base::Error>> failed_;
  std::exception_ptr thrown_;
};

}  // namespace

base::Result<void> for_each_item(std::size_t count, int threads,
                                 const std::function<base::Result<void>(std::size_t)>& work) {
  Items items(count, work);
  {
    std::vector<std::jthread> helpers;  // joined at the end of the block
    for (int i = 1; i < threads; ++i) helpers.emplace_back([&] { items.run(); });
    items.run();
  }
  return items.outcome();
}

}  // namespace heirloom::data

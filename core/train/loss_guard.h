// Tells a run that is lost from one that is only noisy, by its watched loss (StepLoss).
//
// Let s be the running mean of the loss with weight 1/10 for the newest, begun with the mean
// `first` of the first ten, and `best` the least s so far. The run has diverged once s has been
// above both 0.9 first and 3 best for 100 steps on end: it had learned something and has lost it
// again. A run that never learned anything is none of this guard's business: a gate will see to it.
#pragma once

#include <cstdint>

namespace heirloom::train {

class LossGuard {
 public:
  // Everything that later answers depend on.
  struct State {
    std::int64_t steps = 0;
    double first = 0.0;   // until step 10 the sum of the losses
    double smooth = 0.0;  // s
    double best = 0.0;
    std::int64_t above = 0;  // steps on end
  };

  // One step's loss, finite. True: the run has diverged.
  bool observe(double loss);

  // Whether the last step was not above.
  bool calm() const { return state_.above == 0; }

  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  State state_;
};

}  // namespace heirloom::train

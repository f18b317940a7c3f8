// Every setting of training by its name and range: the one list from which the JSON of jobs, the
// policy's reader and the checks of the trainer are made. config/policy.schema.json repeats names,
// ranges and defaults for people, and a test holds it to this list.
#pragma once

#include <limits>

#include "core/jobs/train_method.h"

namespace heirloom::jobs {

// What a number may be: low <= x <= high, or low < x where `above`, and x < high where `below`.
struct Range {
  double low = 0.0;
  double high = std::numeric_limits<double>::infinity();
  bool above = false;
  bool below = false;

  bool contains(double value) const {
    return (above ? value > low : value >= low) && (below ? value < high : value <= high);
  }
};

inline constexpr Range kWeight{.low = 0, .high = 1000};
inline constexpr Range kDraws{.low = 1, .high = 256};
inline constexpr Range kAttackSteps{.low = 1, .high = 1000};
inline constexpr Range kDistance{.low = 0, .high = 1000, .above = true};
inline constexpr Range kEpochs{.low = 0, .high = 100000};

// for_each_setting(method, visit) calls visit(name, field, range) for each setting of `method`; the
// field is an int, a double or a bool (whose range means nothing).
template <typename Visit>
void for_each_setting(GaussianMethod&, Visit&&) {}

template <typename Visit>
void for_each_setting(StabilityMethod& method, Visit&& visit) {
  visit("lambda", method.lambda, kWeight);
}

template <typename Visit>
void for_each_setting(SmoothAdvMethod& method, Visit&& visit) {
  visit("draws", method.draws, kDraws);
  visit("steps", method.steps, kAttackSteps);
  visit("epsilon", method.epsilon, kDistance);
  visit("warmup_epochs", method.warmup_epochs, kEpochs);
}

template <typename Visit>
void for_each_setting(MacerMethod& method, Visit&& visit) {
  visit("draws", method.draws, kDraws);
  visit("lambda", method.lambda, kWeight);
  visit("beta", method.beta, Range{.low = 0, .high = 1000, .above = true});
  visit("gamma", method.gamma, Range{.low = 0, .high = 1000, .above = true});
  visit("deferred_epochs", method.deferred_epochs, kEpochs);
}

template <typename Visit>
void for_each_setting(ConsistencyMethod& method, Visit&& visit) {
  visit("draws", method.draws, kDraws);
  visit("lambda", method.lambda, kWeight);
  visit("eta", method.eta, kWeight);
}

template <typename Visit>
void for_each_setting(SmoothMixMethod& method, Visit&& visit) {
  visit("draws", method.draws, kDraws);
  visit("steps", method.steps, kAttackSteps);
  visit("step_size", method.step_size, kDistance);
  visit("eta", method.eta, kWeight);
  visit("warmup_epochs", method.warmup_epochs, kEpochs);
  visit("one_step", method.one_step, Range{});
}

template <typename Visit>
void for_each_setting(CatRsMethod& method, Visit&& visit) {
  visit("draws", method.draws, kDraws);
  visit("steps", method.steps, kAttackSteps);
  visit("epsilon", method.epsilon, kDistance);
  visit("lambda", method.lambda, kWeight);
}

// The teacher and what is matched are no numbers; they are left to the caller.
template <typename Visit>
void for_each_setting(TransferMethod& method, Visit&& visit) {
  visit("alpha", method.alpha, Range{.low = 0, .high = 1});
}

}  // namespace heirloom::jobs

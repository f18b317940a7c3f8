// Every setting of training by its name and range: the one list from which the JSON of jobs, the
// policy's reader and the checks of the trainer are made. config/policy.schema.json repeats names,
// ranges and defaults for people, and a test holds it to this list.
#pragma once

#include <limits>
#include <string>
#include <type_traits>

#include "core/jobs/train_method.h"
#include "core/jobs/train_settings.h"

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

// for_each_setting(settings, visit) calls visit(name, field, range) for each setting. The
// field is an int, a double, a bool, an enum with to_string or the list of milestones; a
// range means nothing for a truth value or a word, and holds for each number of a list.
template <typename Visit>
void for_each_setting(TrainSettings& settings, Visit&& visit) {
  visit("epochs", settings.epochs, Range{.low = 1, .high = 100000});
  visit("batch", settings.batch, Range{.low = 1, .high = 65536});
  visit("learning_rate", settings.learning_rate, Range{.low = 0, .high = 100, .above = true});
  visit("momentum", settings.momentum, Range{.low = 0, .high = 1, .below = true});
  visit("weight_decay", settings.weight_decay, Range{.low = 0, .high = 1});
  visit("schedule", settings.schedule, Range{});
  visit("milestones", settings.milestones, Range{.low = 1, .high = 100000});
  visit("milestone_factor", settings.milestone_factor, Range{.low = 0, .high = 1, .above = true});
  visit("label_smoothing", settings.label_smoothing, Range{.low = 0, .high = 1, .below = true});
  visit("clip_norm", settings.clip_norm, Range{.low = 0, .high = 1000000});
  visit("ema_decay", settings.ema_decay, Range{.low = 0, .high = 1, .below = true});
  visit("train_precision", settings.train_precision, Range{});
  visit("augment", settings.augment, Range{});
}

inline constexpr Range kWeight{.low = 0, .high = 1000};
inline constexpr Range kDraws{.low = 1, .high = 256};
inline constexpr Range kAttackSteps{.low = 1, .high = 1000};
inline constexpr Range kDistance{.low = 0, .high = 1000, .above = true};
inline constexpr Range kEpochs{.low = 0, .high = 100000};

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

// Without the teacher, which is no setting.
template <typename Visit>
void for_each_setting(TransferMethod& method, Visit&& visit) {
  visit("alpha", method.alpha, Range{.low = 0, .high = 1});
  visit("match_on", method.match_on, Range{});
}

// "draws 0, eta -1": what is out of its range; empty if nothing is.
template <typename Settings>
std::string settings_out_of_range(Settings& settings) {
  std::string wrong;
  for_each_setting(settings, [&](const char* name, const auto& value, const Range& range) {
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(value)>>) {
      if (range.contains(static_cast<double>(value))) return;
      wrong += (wrong.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(value);
    }
  });
  return wrong;
}

}  // namespace heirloom::jobs

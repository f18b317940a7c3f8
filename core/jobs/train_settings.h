// How a training runs, whatever its method: length, optimiser and precision. setting_list.h has the
// range of each.
#pragma once

#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace heirloom::jobs {

// Learning rate over the run, from `learning_rate`; formulas in core/train/schedule.h.
enum class Schedule { constant, step, multistep, cosine, one_cycle };
std::string_view to_string(Schedule schedule);
base::Result<Schedule> parse_schedule(std::string_view text);

// Of the passes through the network while it trains. Weights, optimiser and losses are float32 with
// both, and what is exported and certified does not follow from it.
enum class TrainPrecision { fp32, bf16 };
std::string_view to_string(TrainPrecision precision);
base::Result<TrainPrecision> parse_train_precision(std::string_view text);

// What is done to each image before the noise, afresh at each step (core/train/augment.h); never to
// a holdout's.
enum class Augment { none, crop, crop_flip };
std::string_view to_string(Augment augment);
base::Result<Augment> parse_augment(std::string_view text);

struct TrainSettings {
  int epochs = 0;
  int batch = 256;
  double learning_rate = 0.05;
  double momentum = 0.9;
  double weight_decay = 1e-4;
  Schedule schedule = Schedule::one_cycle;
  std::vector<int> milestones{};  // multistep only: epochs at which the rate falls, ascending
  double milestone_factor = 0.1;  // multistep only: what it is multiplied by
  double label_smoothing = 0.0;   // share of a label that is spread over all classes
  double clip_norm = 0.0;         // longest gradient, l2; 0: any
  double ema_decay = 0.0;  // of the average of the weights that is exported; 0: the last ones
  TrainPrecision train_precision = TrainPrecision::fp32;
  Augment augment = Augment::none;
};

}  // namespace heirloom::jobs

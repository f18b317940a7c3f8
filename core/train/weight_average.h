// The exponential moving average of weights and batch statistics:
//   a = k a + (1 - k) w after each step,  k = min(decay, (1 + n) / (10 + n)) after n steps before,
// so that the first weights, which are random, are soon forgotten.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/arch/classifier.h"

namespace heirloom::train {

class WeightAverage {
 public:
  // Begins with the values of `network`, which it keeps.
  WeightAverage(std::shared_ptr<arch::Classifier> network, double decay);

  void update(std::int64_t steps_before);

  // Puts the averages into `other`, a network of the same architecture.
  void copy_to(arch::Classifier& other) const;

  // The averages by the names of their parameters and buffers; counters have none.
  const std::vector<std::pair<std::string, torch::Tensor>>& tensors() const { return averages_; }

 private:
  std::shared_ptr<arch::Classifier> network_;
  double decay_;
  std::vector<std::pair<std::string, torch::Tensor>> averages_;
};

}  // namespace heirloom::train

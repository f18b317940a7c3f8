// Runs the operations of a network in bfloat16 where LibTorch deems that safe, for as long as it
// lives and on this thread; does nothing for fp32. Weights and gradients stay float32.
#pragma once

#include "core/jobs/train_settings.h"

namespace heirloom::train {

class Autocast {
 public:
  explicit Autocast(jobs::TrainPrecision precision);
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;
  ~Autocast();

 private:
  bool on_;
};

}  // namespace heirloom::train

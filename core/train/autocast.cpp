#include "core/train/autocast.h"

#include <ATen/autocast_mode.h>

namespace heirloom::train {

Autocast::Autocast(jobs::TrainPrecision precision) : on_(precision == jobs::TrainPrecision::bf16) {
  if (!on_) return;
  at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
  at::autocast::set_cpu_enabled(true);
}

Autocast::~Autocast() {
  if (!on_) return;
  at::autocast::set_cpu_enabled(false);
  at::autocast::clear_cache();  // of weights as they were before the step
}

}  // namespace heirloom::train

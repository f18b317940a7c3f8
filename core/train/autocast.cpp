#include "core/train/autocast.h"

#include <ATen/autocast_mode.h>

#include "core/arch/libtorch.h"

namespace heirloom::train {
namespace {

void enable(bool on) {
  if (arch::device().is_cuda()) {
    at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
    at::autocast::set_enabled(on);
  } else {
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    at::autocast::set_cpu_enabled(on);
  }
}

}  // namespace

Autocast::Autocast(jobs::TrainPrecision precision) : on_(precision == jobs::TrainPrecision::bf16) {
  if (on_) enable(true);
}

Autocast::~Autocast() {
  if (!on_) return;
  enable(false);
  at::autocast::clear_cache();  // of weights as they were before the step
}

}  // namespace heirloom::train

// What a TorchScript module must be to be trained and certified as a classifier.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/arch/libtorch.h"
#include "core/base/result.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

// `forward` takes float32 [N, C, H, W] for any N and nothing else, and returns float32 [N,
// classes]: raw logits, finite, a function of the weights and of each image by itself. There is
// something to train, in float32. Batch normalisation and dropout follow train() and eval();
// tracing fixes them as they were, and a module that was traced in evaluation mode is accepted with
// `frozen_norm` only. Tries `module` on a few random images, in both modes, and may change its
// state: give a copy. Errors (bad_data) say what is wrong and how to export it instead; `origin`
// names the file. May throw c10::Error when `forward` does.
base::Result<void> check_script_contract(torch::jit::Module& module, const jobs::InputShape& shape,
                                         std::int64_t classes, bool frozen_norm,
                                         std::string_view origin);

}  // namespace heirloom::arch

// From a trained network to the artifact: a TorchScript module in memory.
#pragma once

#include <string>

#include "core/arch/classifier.h"
#include "core/base/result.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

// The bytes of network.script(): `forward(float32 [N, C, H, W]) -> float32 logits [N, K]`. They are
// a function of the weights only, and never touch a path: LibTorch aborts the process on a full
// disk. `network` is not changed.
base::Result<std::string> export_classifier(const Classifier& network,
                                            const jobs::InputShape& shape,
                                            jobs::Precision precision);

}  // namespace heirloom::arch

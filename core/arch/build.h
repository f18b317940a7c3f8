// From the name of a built-in architecture to a network.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/arch/classifier.h"
#include "core/base/result.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

// A network with fresh weights: PyTorch's default initialisation from LibTorch's global generator
// (torch::manual_seed). `file` holds the bytes of a TorchScript architecture, which has weights
// of its own, or a safetensors file of weights for a built-in one, or nothing. Errors (usage): an
// unknown architecture or parameter, a value out of range, an input that is too small for it;
// (bad_data) as ScriptNetwork::load and load_weights (core/arch/weights.h).
base::Result<std::shared_ptr<Classifier>> build(const jobs::ArchSpec& spec,
                                                const jobs::InputShape& shape, std::int64_t classes,
                                                std::string_view file = {});

}  // namespace heirloom::arch

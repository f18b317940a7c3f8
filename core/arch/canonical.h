// The identity of a classifier: what it computes, not how its file was packed.
#pragma once

#include "core/arch/libtorch.h"
#include "core/base/digest.h"

namespace heirloom::arch {

// SHA-256 over FieldEncoder{"heirloom/classifier/v1", the graph of forward as canonical text, each
// constant tensor of the graph in order, each attribute sorted by name: name, type and shape,
// bytes}. Two files with the same graph and tensors have one id (docs/statistics.md section 3),
// so that repacking a model draws no new noise.
base::Digest classifier_id(const torch::jit::Module& module);

}  // namespace heirloom::arch

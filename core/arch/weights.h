// The weights of a built-in architecture as a safetensors file: what a training begins with or ends
// in, as against the artifact, which is folded.
#pragma once

#include <string>
#include <string_view>

#include "core/arch/classifier.h"
#include "core/base/result.h"

namespace heirloom::arch {

// Parameters and running statistics by their names in the network, sorted, as float32. The bytes
// follow from the weights alone.
std::string save_weights(const Classifier& network);

// Sets all of them from `file`, which may hold float32, float16 or bfloat16. Errors (bad_data,
// naming `origin`): what parse_safetensors refuses; a name that is missing or not the network's;
// another shape; a number that is not finite, a negative variance. The network is then unchanged.
base::Result<void> load_weights(Classifier& network, std::string_view file,
                                std::string_view origin);

}  // namespace heirloom::arch

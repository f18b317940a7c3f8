// The first stage of LeNet, relu(max_pool(conv5x5(x), 2)), for training on images of one channel.
#pragma once

#include "core/arch/libtorch.h"

namespace heirloom::arch {

// Whether first_stage can take this input and convolution: one channel, float32, on the CPU.
bool first_stage_serves(const torch::Tensor& x, const torch::Tensor& weight);

// Whether it does in LeNet::forward: where it can, in a pass whose gradient is asked for. Passes
// without are those that are traced and exported: they keep LibTorch's own operations.
bool first_stage_applies(const torch::Tensor& x, const torch::Tensor& weight);

// [N, 1, H, W], [C, 1, 5, 5], [C] -> [N, C, (H - 4) / 2, (W - 4) / 2], channels-last. The gradients
// of the weights are summed in an order that no number of threads changes.
torch::Tensor first_stage(const torch::Tensor& x, const torch::Tensor& weight,
                          const torch::Tensor& bias);

}  // namespace heirloom::arch

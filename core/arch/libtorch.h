// The one place that includes LibTorch, and the few calls whose form may differ in LibTorch 2.x.
// It is the precompiled header of every target that uses LibTorch.
#pragma once

#include <torch/torch.h>

#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/canonicalize.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/pickle.h>
#include <torch/script.h>

// LibTorch's logging macros; ours and GoogleTest's names must not meet them.
#undef CHECK
#undef LOG

#include <functional>
#include <string>

namespace heirloom::arch {

// Runs TorchScript as written, on the calling thread: no profiling runs, no fusion. Otherwise the
// first calls of a forward pass may give other bits than later ones. Call it on each thread.
void run_graphs_unoptimised();

// What use_device (core/arch/runtime.h) has set.
torch::Device device();

// The operations of `forward` on `example`, as a method "forward" of `module`. The parameters
// and buffers that `forward` reads must be attributes of `module`.
void add_traced_forward(torch::jit::Module& module, const torch::Tensor& example,
                        const std::function<torch::Tensor(const torch::Tensor&)>& forward);

}  // namespace heirloom::arch

// Threads and kernels of the numerical libraries. No LibTorch in this header.
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

// Threads inside one operation, for LibTorch, oneDNN (OpenMP) and OpenBLAS alike. OpenMP keeps the
// number for each calling thread: a thread that runs forward passes calls this itself.
void use_threads(int threads);

// Where this process computes, from now on; at first the CPU. Errors (unsupported): this LibTorch
// was built without CUDA, or sees no device. Call it once, before the work.
base::Result<void> use_device(jobs::Device device);

// Lets this process keep the memory it frees. Otherwise each large tensor is mapped and unmapped
// again, and the page faults cost a third of the training time. Call it once, before the work.
void keep_freed_memory();

// What decides the bits of a float32 operation here, apart from its shape:
// "libtorch 1.13.1 AVX512 oneDNN 2.7.2 isa 0x1f OpenBLAS SkylakeX".
std::string numerical_libraries();

}  // namespace heirloom::arch

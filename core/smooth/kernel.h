// What decides the bits of a forward pass in this build, on this machine.
#pragma once

#include <cstdint>
#include <string>

#include "core/jobs/model_spec.h"

namespace heirloom::smooth {

// Library, instruction set and layout: "libtorch 1.13.0 AVX2 oneDNN 2.6.3 isa 0xe7 OpenBLAS
// Cooperlake channels_last noise v1". Counts of one artifact under equal strings and equal forward
// batches are equal; a certification refuses to run under another.
std::string kernel();

// Rows of every forward pass when a network of this architecture and precision is certified.
// Kernels give other bits at other batch sizes, so the number is fixed, and stored with each
// trained model. Chosen by measurement (bench/sampling.cpp prints the rates).
std::int64_t forward_batch(const jobs::ArchSpec& arch, jobs::Precision precision);

}  // namespace heirloom::smooth

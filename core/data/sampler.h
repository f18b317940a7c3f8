// The order in which an epoch visits the examples: a function of (seed, epoch) alone, so that a
// resumed training goes on with the same batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heirloom::data {

// A uniform permutation of {0, ..., examples - 1}. `epoch` counts from 0.
std::vector<std::uint32_t> epoch_order(std::uint64_t seed, std::int64_t epoch,
                                       std::uint32_t examples);

}  // namespace heirloom::data

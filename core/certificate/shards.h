// Putting the shards of a certification together (jobs::Certify::shard).
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "core/certificate/counts.h"

namespace heirloom::certificate {

// Row j of shard i of k is the example at position i + k j of `examples`. The rows of all, in the
// order of `examples`: just what one run over the whole list gives. `shards` come in any order, one
// entry for each; a shard (counted from 1) that is missing, doubled, cut short or of another
// list is named in the error (bad_data).
base::Result<std::vector<ExampleCounts>> merge_shards(
    const std::vector<std::uint32_t>& examples, std::size_t count,
    const std::vector<std::vector<ExampleCounts>>& shards);

}  // namespace heirloom::certificate

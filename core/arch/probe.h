// Can an architecture be built for a model? No LibTorch in this header.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

// Builds the network, from `file` where there is one (see build()), pushes one batch of two through
// it and checks that finite logits [2, classes] come out. Returns its number of trainable
// parameters. Errors: as build().
base::Result<std::uint64_t> probe(const jobs::ArchSpec& spec, const jobs::InputShape& shape,
                                  std::int64_t classes, std::string_view file = {});

}  // namespace heirloom::arch

// The original MNIST, as the benchmarks use it.
#pragma once

#include <filesystem>
#include <string_view>

#include "core/base/result.h"
#include "core/data/dataset.h"
#include "core/jobs/model_spec.h"

namespace heirloom::bench {

inline const jobs::ModelSpec kDigits{
    .name = "digits", .input = {1, 28, 28}, .classes = 10, .sigma = 0.5};

// `part` is "train" or "t10k". `folder` holds the four IDX files, gzipped.
base::Result<data::Dataset> mnist(const std::filesystem::path& folder, std::string_view part);

}  // namespace heirloom::bench

// Networks and images to time: speed does not depend on what a network has learned or sees.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/dataset.h"
#include "core/jobs/model_spec.h"
#include "core/train/train.h"

namespace heirloom::bench {

// From a name and parameters as "key=value".
base::Result<jobs::ArchSpec> arch_from(const std::string& name,
                                       const std::vector<std::string>& parameters);

// Images of random pixels, all of class 0.
data::Dataset random_images(const jobs::ModelSpec& model, std::size_t count);

// The artifact of a fresh network, by the shortest training there is: one step on two images.
base::Result<train::TrainOutcome> untrained(const jobs::ArchSpec& arch,
                                            const jobs::ModelSpec& model,
                                            jobs::Precision precision);

}  // namespace heirloom::bench

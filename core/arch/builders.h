// What build() calls: one builder for each architecture of the list (core/jobs/architectures.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/arch/classifier.h"
#include "core/base/result.h"
#include "core/jobs/architectures.h"
#include "core/jobs/model_spec.h"

namespace heirloom::arch {

struct BuildRequest {
  jobs::ArchValues values;  // each in its range
  jobs::InputShape input;   // every side and the channels at least 1
  std::int64_t classes = 0;
};

// With fresh weights. Errors (usage): values that do not go together, an input that does not fit.
using Built = base::Result<std::shared_ptr<Classifier>>;

Built build_densenet(const BuildRequest& request);
Built build_dla(const BuildRequest& request);
Built build_lenet(const BuildRequest& request);
Built build_linear(const BuildRequest& request);
Built build_mlp(const BuildRequest& request);
Built build_preresnet(const BuildRequest& request);
Built build_regnet(const BuildRequest& request);
Built build_resnet(const BuildRequest& request);
Built build_resnext(const BuildRequest& request);
Built build_vgg(const BuildRequest& request);
Built build_vit(const BuildRequest& request);
Built build_wideresnet(const BuildRequest& request);

// Batch normalisation needs more than one value of each channel, also of a batch of one image:
// networks that halve the sides twice ask for 8 pixels, those that do it three times for 16.
base::Result<void> check_smallest_side(const BuildRequest& request, std::string_view name,
                                       std::int64_t smallest);

}  // namespace heirloom::arch

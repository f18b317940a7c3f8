// ResNeXt for small images, ResNeXt-d, Cxw (Xie et al. 2017, "Aggregated residual transformations
// for deep neural networks", section 5.3): d = 9n + 2, a first convolution of 64 channels, three
// stages of n blocks with 256, 512 and 1024 outputs; their 3x3 convolutions have C groups of w, 2w
// and 4w channels.
#include "core/arch/builders.h"
#include "core/arch/networks/grouped_network.h"

namespace heirloom::arch {

Built build_resnext(const BuildRequest& request) {
  HEIRLOOM_TRY(check_smallest_side(request, "resnext", 8));
  const std::int64_t cardinality = request.values["cardinality"];
  GroupedConfig config{
      .channels = request.input.channels, .classes = request.classes, .stem = 64, .stages = {}};
  for (int stage = 0; stage < 3; ++stage) {
    config.stages.push_back({.blocks = (request.values["depth"] - 2) / 9,
                             .outputs = std::int64_t{256} << stage,
                             .inner = cardinality * request.values["width"] << stage,
                             .groups = cardinality,
                             .stride = stage == 0 ? 1 : 2});
  }
  return std::make_shared<GroupedNetwork>(config);
}

}  // namespace heirloom::arch

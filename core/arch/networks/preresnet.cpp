// Pre-activation ResNet for small images (He et al. 2016, "Identity mappings in deep residual
// networks", section 4): three stages with w, 2w and 4w channels; depth 6n + 2 of basic blocks, or
// 9n + 2 of bottlenecks, whose outputs have four times as many. Differs: the first convolution has
// w channels also where the paper's code puts more.
#include <fmt/format.h>

#include "core/arch/builders.h"
#include "core/arch/networks/preact_network.h"

namespace heirloom::arch {

Built build_preresnet(const BuildRequest& request) {
  HEIRLOOM_TRY(check_smallest_side(request, "preresnet", 8));
  const bool bottleneck = request.values["block"] == 1;
  const std::int64_t depth = request.values["depth"];
  const std::int64_t width = request.values["width"];
  const std::int64_t layers_of_stages = bottleneck ? 9 : 6;
  if ((depth - 2) % layers_of_stages != 0 || depth < 2 + layers_of_stages) {
    return base::fail(base::ErrorKind::usage,
                      fmt::format("depth of preresnet is {}, not {}n + 2 as its blocks need", depth,
                                  layers_of_stages),
                      bottleneck ? "11, 20, 29, 38, ..." : "8, 14, 20, 26, ...");
  }
  return std::make_shared<PreActNetwork>(PreActConfig{.channels = request.input.channels,
                                                      .classes = request.classes,
                                                      .stem = width,
                                                      .blocks = (depth - 2) / layers_of_stages,
                                                      .planes = {width, 2 * width, 4 * width},
                                                      .bottleneck = bottleneck});
}

}  // namespace heirloom::arch

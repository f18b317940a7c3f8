// Wide residual network WRN-d-k (Zagoruyko and Komodakis 2016, "Wide residual networks", table 1):
// d = 6n + 4, a first convolution of 16 channels and three stages of n basic pre-activation blocks
// with 16k, 32k and 64k. Differs: no dropout inside the blocks (the paper's option).
#include "core/arch/builders.h"
#include "core/arch/networks/preact_network.h"

namespace heirloom::arch {

Built build_wideresnet(const BuildRequest& request) {
  HEIRLOOM_TRY(check_smallest_side(request, "wideresnet", 8));
  const std::int64_t width = 16 * request.values["widen"];
  return std::make_shared<PreActNetwork>(PreActConfig{.channels = request.input.channels,
                                                      .classes = request.classes,
                                                      .stem = 16,
                                                      .blocks = (request.values["depth"] - 4) / 6,
                                                      .planes = {width, 2 * width, 4 * width},
                                                      .bottleneck = false});
}

}  // namespace heirloom::arch

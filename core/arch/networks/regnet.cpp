// RegNetX (Radosavovic et al. 2020, "Designing network design spaces", table of the top RegNetX
// models): a first convolution of 32 channels and four stages of grouped bottlenecks with a
// bottleneck ratio of 1. Differs: for small images the first convolution and the first stage keep
// the sides, so that three stages halve them instead of four and the stem.
#include <array>
#include <cstddef>

#include "core/arch/builders.h"
#include "core/arch/networks/grouped_network.h"

namespace heirloom::arch {
namespace {

struct Size {
  std::int64_t group;  // channels of a group
  std::array<std::int64_t, 4> blocks;
  std::array<std::int64_t, 4> widths;
};

// In the order of the words of `size`.
constexpr std::array<Size, 4> kSizes{{
    {8, {1, 1, 4, 7}, {24, 56, 152, 368}},
    {16, {1, 2, 7, 12}, {32, 64, 160, 384}},
    {24, {1, 3, 5, 7}, {48, 96, 240, 528}},
    {16, {1, 3, 7, 5}, {64, 128, 288, 672}},
}};

}  // namespace

Built build_regnet(const BuildRequest& request) {
  HEIRLOOM_TRY(check_smallest_side(request, "regnet", 16));
  const Size& size = kSizes.at(static_cast<std::size_t>(request.values["size"]));
  GroupedConfig config{
      .channels = request.input.channels, .classes = request.classes, .stem = 32, .stages = {}};
  for (std::size_t stage = 0; stage < size.blocks.size(); ++stage) {
    config.stages.push_back({.blocks = size.blocks[stage],
                             .outputs = size.widths[stage],
                             .inner = size.widths[stage],
                             .groups = size.widths[stage] / size.group,
                             .stride = stage == 0 ? 1 : 2});
  }
  return std::make_shared<GroupedNetwork>(config);
}

}  // namespace heirloom::arch

#include "core/arch/fold.h"

namespace heirloom::arch {

void fold_network(const torch::nn::Module& from, torch::nn::Module& to) {
  const torch::NoGradGuard no_grad;
  if (auto* unit = dynamic_cast<Foldable*>(&to)) {
    unit->fold_from(dynamic_cast<const Foldable&>(from));
    return;
  }
  const auto parameters = from.named_parameters(/*recurse=*/false);
  for (auto& entry : to.named_parameters(/*recurse=*/false)) {
    entry.value().copy_(parameters[entry.key()]);
  }
  const auto buffers = from.named_buffers(/*recurse=*/false);
  for (auto& entry : to.named_buffers(/*recurse=*/false)) {
    entry.value().copy_(buffers[entry.key()]);
  }
  const auto children = from.named_children();
  for (auto& entry : to.named_children()) fold_network(*children[entry.key()], *entry.value());
}

ChannelMap::ChannelMap(const torch::nn::BatchNorm2dImpl& norm) {
  gain = norm.weight.to(torch::kDouble) /
         (norm.running_var.to(torch::kDouble) + norm.options.eps()).sqrt();
  offset = norm.bias.to(torch::kDouble) - norm.running_mean.to(torch::kDouble) * gain;
}

}  // namespace heirloom::arch

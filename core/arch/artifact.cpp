#include "core/arch/artifact.h"

#include <sstream>
#include <string>

#include <fmt/format.h>

#include "core/arch/canonical.h"
#include "core/arch/preflight.h"

namespace heirloom::arch {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::int64_t kDryBatch = 3;

void freeze(torch::jit::Module& module, at::MemoryFormat layout) {
  module.eval();
  for (torch::Tensor parameter : module.parameters()) {
    parameter.set_requires_grad(false);
    if (parameter.dim() == 4) parameter.set_data(parameter.detach().clone(layout));
  }
}

// Channels-last is what the convolutions run fastest on, but modules that reshape with view() do
// not take it. Which of the two it is follows from the module alone.
bool takes_channels_last(torch::jit::Module& module, const jobs::InputShape& shape) {
  const torch::NoGradGuard no_grad;
  try {
    module.forward({torch::zeros({kDryBatch, shape.channels, shape.height, shape.width})
                        .contiguous(at::MemoryFormat::ChannelsLast)
                        .to(device())});
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

Result<void> check_dry_batch(Artifact& artifact, const jobs::InputShape& shape,
                             std::int64_t classes, std::string_view origin) {
  const torch::Tensor logits =
      artifact.forward(torch::zeros({kDryBatch, shape.channels, shape.height, shape.width}));
  if (logits.scalar_type() != torch::kFloat ||
      logits.sizes() != torch::IntArrayRef({kDryBatch, classes})) {
    std::ostringstream got;
    got << logits.scalar_type() << ' ' << logits.sizes();
    return base::fail(ErrorKind::bad_data,
                      fmt::format("{} gives {} for a batch of {}, not Float [{}, {}]", origin,
                                  got.str(), kDryBatch, kDryBatch, classes));
  }
  if (!torch::isfinite(logits).all().item<bool>()) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("{} gives logits that are not finite", origin));
  }
  return {};
}

}  // namespace

Result<Artifact> Artifact::load(std::string_view bytes, const jobs::InputShape& shape,
                                std::int64_t classes, std::string_view origin) {
  HEIRLOOM_TRY(preflight(bytes, origin));
  run_graphs_unoptimised();
  try {
    std::istringstream stream{std::string(bytes)};
    torch::jit::Module module = torch::jit::load(stream, torch::kCPU);
    const base::Digest id = arch::classifier_id(module);
    module.to(device());
    freeze(module, at::MemoryFormat::ChannelsLast);
    const bool channels_last = takes_channels_last(module, shape);
    if (!channels_last) freeze(module, at::MemoryFormat::Contiguous);
    Artifact artifact(std::move(module), id, channels_last);
    HEIRLOOM_TRY(check_dry_batch(artifact, shape, classes, origin));
    return artifact;
  } catch (const std::exception& error) {
    // The first line says what is wrong; LibTorch adds a long trace.
    const std::string_view words = error.what();
    return base::fail(ErrorKind::bad_data,
                      fmt::format("{} is not a TorchScript classifier for this model: {}", origin,
                                  words.substr(0, words.find('\n'))));
  }
}

torch::Tensor Artifact::forward(const torch::Tensor& x) {
  const torch::NoGradGuard no_grad;
  return module_.forward({in_layout(x).to(device())}).toTensor().to(x.device());
}

torch::Tensor Artifact::forward_with_gradient(const torch::Tensor& x) {
  const torch::AutoGradMode record(true);
  return module_.forward({in_layout(x).to(device())}).toTensor().to(x.device());
}

torch::Tensor Artifact::in_layout(const torch::Tensor& x) const {
  return channels_last_ ? x : x.clone(at::MemoryFormat::Contiguous);
}

}  // namespace heirloom::arch

#include "core/arch/teacher.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <string>

#include "core/arch/canonical.h"
#include "core/arch/export.h"
#include "core/arch/networks/lenet.h"

namespace heirloom::arch {
namespace {

torch::jit::Module module_of(std::string_view bytes) {
  std::istringstream stream{std::string(bytes)};
  return torch::jit::load(stream);
}

// The built-in LeNet with the artifact's weights, if its export is that artifact: same graph, same
// tensors, same id. Whatever cannot be compared is another network.
std::shared_ptr<LeNet> as_lenet(std::string_view bytes, const base::Digest& id,
                                const jobs::InputShape& shape, std::int64_t classes) {
  if (std::min(shape.height, shape.width) < kLeNetMinimumSide) return nullptr;
  const torch::NoGradGuard no_grad;
  std::map<std::string, torch::Tensor> weights;
  for (const auto& entry : module_of(bytes).named_parameters()) {
    weights.emplace(entry.name, entry.value);
  }
  const auto network = std::make_shared<LeNet>(shape, classes);
  auto parameters = network->named_parameters();
  if (weights.size() != parameters.size()) return nullptr;
  for (auto& entry : parameters) {
    std::string name = entry.key();
    std::replace(name.begin(), name.end(), '.', '_');
    const auto found = weights.find(name);
    if (found == weights.end() || found->second.sizes() != entry.value().sizes() ||
        found->second.scalar_type() != torch::kFloat) {
      return nullptr;
    }
    entry.value().copy_(found->second);
    entry.value().set_requires_grad(false);
  }
  const auto exported = export_classifier(*network, shape, jobs::Precision::fp32);
  if (!exported || classifier_id(module_of(*exported)) != id) return nullptr;
  use_channels_last(*network);
  network->eval();
  return network;
}

}  // namespace

base::Result<Teacher> Teacher::load(std::string_view bytes, const jobs::InputShape& shape,
                                    std::int64_t classes, std::string_view origin) {
  HEIRLOOM_ASSIGN(Artifact artifact, Artifact::load(bytes, shape, classes, origin));
  std::shared_ptr<LeNet> lenet;  // its own code is for the CPU
  if (device().is_cpu()) lenet = as_lenet(bytes, artifact.classifier_id(), shape, classes);
  return Teacher(std::move(artifact), std::move(lenet));
}

torch::Tensor Teacher::forward(const torch::Tensor& x) {
  const torch::NoGradGuard no_grad;
  return lenet_ ? lenet_->infer(x) : artifact_.forward(x);
}

}  // namespace heirloom::arch

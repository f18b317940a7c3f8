#include "core/arch/export.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

namespace heirloom::arch {
namespace {

void register_tensor(torch::jit::Module& module, std::string name, torch::Tensor& tensor,
                     bool is_buffer) {
  std::replace(name.begin(), name.end(), '.', '_');
  tensor.set_requires_grad(false);
  module.register_parameter(name, tensor, is_buffer);
}

}  // namespace

torch::jit::Module Classifier::script(const jobs::InputShape& shape,
                                      jobs::Precision precision) const {
  const std::shared_ptr<Classifier> frozen = deployed();
  const bool bf16 = precision == jobs::Precision::bf16;
  if (bf16) frozen->to(torch::kBFloat16);
  torch::jit::Module module("heirloom.Classifier");
  for (auto& entry : frozen->named_parameters()) {
    register_tensor(module, entry.key(), entry.value(), false);
  }
  for (auto& entry : frozen->named_buffers()) {
    register_tensor(module, entry.key(), entry.value(), true);
  }
  add_traced_forward(module, torch::zeros({2, shape.channels, shape.height, shape.width}),
                     [&](const torch::Tensor& x) {
                       if (!bf16) return frozen->forward(x);
                       return frozen->forward(x.to(torch::kBFloat16)).to(torch::kFloat);
                     });
  module.eval();
  return module;
}

base::Result<std::string> export_classifier(const Classifier& network,
                                            const jobs::InputShape& shape,
                                            jobs::Precision precision) {
  try {
    const torch::NoGradGuard no_grad;
    std::ostringstream bytes;
    network.script(shape, precision).save(bytes);
    return std::move(bytes).str();
  } catch (const c10::Error& error) {
    return base::fail(base::ErrorKind::internal,
                      fmt::format("cannot export the network: {}", error.what_without_backtrace()));
  }
}

}  // namespace heirloom::arch

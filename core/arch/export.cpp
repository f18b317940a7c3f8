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

base::Result<std::string> export_classifier(const Classifier& network,
                                            const jobs::InputShape& shape,
                                            jobs::Precision precision) {
  try {
    const torch::NoGradGuard no_grad;
    const std::shared_ptr<Classifier> deployed = network.deployed();
    const bool bf16 = precision == jobs::Precision::bf16;
    if (bf16) deployed->to(torch::kBFloat16);
    torch::jit::Module module("heirloom.Classifier");
    for (auto& entry : deployed->named_parameters()) {
      register_tensor(module, entry.key(), entry.value(), false);
    }
    for (auto& entry : deployed->named_buffers()) {
      register_tensor(module, entry.key(), entry.value(), true);
    }
    add_traced_forward(module, torch::zeros({2, shape.channels, shape.height, shape.width}),
                       [&](const torch::Tensor& x) {
                         if (!bf16) return deployed->forward(x);
                         return deployed->forward(x.to(torch::kBFloat16)).to(torch::kFloat);
                       });
    module.eval();
    std::ostringstream bytes;
    module.save(bytes);
    return std::move(bytes).str();
  } catch (const c10::Error& error) {
    return base::fail(base::ErrorKind::internal,
                      fmt::format("cannot export the network: {}", error.what_without_backtrace()));
  }
}

}  // namespace heirloom::arch

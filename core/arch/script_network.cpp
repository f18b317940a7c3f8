#include "core/arch/script_network.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/arch/preflight.h"
#include "core/arch/script_contract.h"

namespace heirloom::arch {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::string_view kOrigin = "the TorchScript module";

Result<bool> read_frozen_norm(const jobs::ArchSpec& spec) {
  bool frozen = false;
  for (const auto& [name, value] : spec.parameters) {
    if (name != "frozen_norm") {
      return base::fail(ErrorKind::usage, fmt::format("torchscript has no parameter \"{}\"", name),
                        "it has frozen_norm");
    }
    if (value != "true" && value != "false") {
      return base::fail(ErrorKind::usage,
                        fmt::format("frozen_norm is \"{}\", not true or false", value));
    }
    frozen = value == "true";
  }
  return frozen;
}

std::string own_name(std::string name) {
  std::replace(name.begin(), name.end(), '.', '/');
  return name;
}

void set_requires_grad(torch::jit::Module& module, bool on) {
  for (torch::Tensor parameter : module.parameters()) parameter.set_requires_grad(on);
}

}  // namespace

ScriptNetwork::ScriptNetwork(torch::jit::Module module, bool frozen_norm)
    : module_(std::move(module)), frozen_norm_(frozen_norm) {
  for (const auto& entry : module_.named_parameters()) {
    register_parameter(own_name(entry.name), entry.value, entry.value.requires_grad());
  }
  for (const auto& entry : module_.named_buffers()) {
    register_buffer(own_name(entry.name), entry.value);
  }
  train(true);
}

Result<std::shared_ptr<ScriptNetwork>> ScriptNetwork::load(std::string_view bytes,
                                                           const jobs::ArchSpec& spec,
                                                           const jobs::InputShape& shape,
                                                           std::int64_t classes) {
  HEIRLOOM_ASSIGN(const bool frozen_norm, read_frozen_norm(spec));
  HEIRLOOM_TRY(preflight(bytes, kOrigin));
  run_graphs_unoptimised();
  try {
    std::istringstream stream{std::string(bytes)};
    torch::jit::Module module = torch::jit::load(stream, torch::kCPU);
    torch::jit::Module tried = module.deepcopy();
    HEIRLOOM_TRY(check_script_contract(tried, shape, classes, frozen_norm, kOrigin));
    return std::shared_ptr<ScriptNetwork>(new ScriptNetwork(std::move(module), frozen_norm));
  } catch (const std::exception& error) {
    // LibTorch's last line says what went wrong inside the module, the first one where it did not
    // even load.
    std::string_view words = error.what();
    if (const auto at = words.find("RuntimeError: "); at != std::string_view::npos) {
      words.remove_prefix(at);
    }
    return base::fail(ErrorKind::bad_data,
                      fmt::format("{} does not take a batch of this model's images: {}", kOrigin,
                                  words.substr(0, words.find('\n'))),
                      fmt::format("its input is float32 [N, {}, {}, {}]", shape.channels,
                                  shape.height, shape.width));
  }
}

torch::Tensor ScriptNetwork::forward(torch::Tensor x) {
  // Modules from Python often reshape with view(), which channels-last tensors do not allow.
  return module_.forward({x.clone(at::MemoryFormat::Contiguous)}).toTensor();
}

void ScriptNetwork::train(bool on) {
  Classifier::train(on);
  module_.train(on && !frozen_norm_);
}

std::shared_ptr<Classifier> ScriptNetwork::deployed() const {
  torch::jit::Module copy = module_.deepcopy();
  set_requires_grad(copy, false);
  auto network = std::shared_ptr<ScriptNetwork>(new ScriptNetwork(std::move(copy), frozen_norm_));
  network->eval();
  return network;
}

torch::jit::Module ScriptNetwork::script(const jobs::InputShape& /*shape*/,
                                         jobs::Precision precision) const {
  torch::jit::Module copy = module_.deepcopy();
  copy.to(torch::kCPU);
  set_requires_grad(copy, false);
  copy.eval();
  if (precision == jobs::Precision::fp32) return copy;
  copy.to(torch::kBFloat16);
  torch::jit::Module outer("heirloom.Classifier");
  outer.register_module("network", copy);
  outer.define(
      fmt::format("def forward(self, x):\n  return self.network.forward(x.to({})).to({})\n",
                  static_cast<int>(torch::kBFloat16), static_cast<int>(torch::kFloat)));
  outer.eval();
  return outer;
}

}  // namespace heirloom::arch

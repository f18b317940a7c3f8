#include "core/arch/networks/mlp.h"

#include <string>

#include "core/arch/builders.h"

namespace heirloom::arch {

Mlp::Mlp(const MlpConfig& config) : config_(config) {
  std::int64_t inputs = config.inputs;
  for (std::int64_t i = 1; i <= config.depth; ++i) {
    hidden_.push_back(
        register_module("hidden" + std::to_string(i), torch::nn::Linear(inputs, config.width)));
    inputs = config.width;
  }
  fc_ = register_module("fc", torch::nn::Linear(inputs, config.classes));
}

torch::Tensor Mlp::forward(torch::Tensor x) {
  x = x.flatten(1);
  for (torch::nn::Linear& layer : hidden_) x = torch::relu(layer(x));
  return fc_(x);
}

std::shared_ptr<Classifier> Mlp::deployed() const {
  auto copy = std::make_shared<Mlp>(config_);
  copy_state(*this, *copy);
  copy->eval();
  return copy;
}

Built build_mlp(const BuildRequest& request) {
  return std::make_shared<Mlp>(MlpConfig{.inputs = request.input.numel(),
                                         .depth = request.values["depth"],
                                         .width = request.values["width"],
                                         .classes = request.classes});
}

}  // namespace heirloom::arch

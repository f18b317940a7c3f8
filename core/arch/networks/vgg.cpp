#include "core/arch/networks/vgg.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/arch/builders.h"

namespace heirloom::arch {
namespace {

// In the order of the words of `depth`.
constexpr std::array<std::array<std::int64_t, 5>, 4> kConvolutions{
    {{1, 1, 2, 2, 2}, {2, 2, 2, 2, 2}, {2, 2, 3, 3, 3}, {2, 2, 4, 4, 4}}};

}  // namespace

Vgg::Vgg(const VggConfig& config, Form form) : config_(config) {
  std::int64_t side = std::min(config.input.height, config.input.width);
  std::int64_t inputs = config.input.channels;
  for (std::size_t stage = 0; stage < config.convolutions.size(); ++stage) {
    const std::int64_t outputs = config.width << std::min<std::size_t>(stage, 3);
    Stage next;
    for (std::int64_t i = 0; i < config.convolutions[stage]; ++i) {
      next.units.push_back(
          register_module("stage" + std::to_string(stage + 1) + "_conv" + std::to_string(i + 1),
                          std::make_shared<ConvNorm>(conv3x3(inputs, outputs), form)));
      inputs = outputs;
    }
    next.pool = side >= 4;
    if (next.pool) side /= 2;
    stages_.push_back(std::move(next));
  }
  fc_ = register_module("fc", torch::nn::Linear(inputs, config.classes));
}

torch::Tensor Vgg::forward(torch::Tensor x) {
  for (const Stage& stage : stages_) {
    for (const auto& unit : stage.units) x = unit->forward(x).relu_();
    if (stage.pool) x = torch::max_pool2d(x, 2);
  }
  return fc_(x.mean({2, 3}));
}

std::shared_ptr<Classifier> Vgg::deployed() const {
  auto copy = std::make_shared<Vgg>(config_, Form::deployed);
  fold_network(*this, *copy);
  copy->eval();
  return copy;
}

Built build_vgg(const BuildRequest& request) {
  HEIRLOOM_TRY(check_smallest_side(request, "vgg", 8));
  const auto& stages = kConvolutions.at(static_cast<std::size_t>(request.values["depth"]));
  return std::make_shared<Vgg>(VggConfig{.convolutions = {stages.begin(), stages.end()},
                                         .width = request.values["width"],
                                         .input = request.input,
                                         .classes = request.classes});
}

}  // namespace heirloom::arch

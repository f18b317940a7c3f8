#include "core/arch/networks/vit.h"

#include <cmath>
#include <string>

#include <fmt/format.h>

#include "core/arch/builders.h"

namespace heirloom::arch {
namespace {

constexpr double kPositionDeviation = 0.02;

torch::nn::LayerNorm layer_norm(std::int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}));
}

}  // namespace

class VitBlock final : public torch::nn::Module {
 public:
  VitBlock(std::int64_t tokens, std::int64_t width, std::int64_t heads)
      : tokens_(tokens), width_(width), heads_(heads) {
    attention_norm_ = register_module("attention_norm", layer_norm(width));
    queries_keys_values_ =
        register_module("queries_keys_values", torch::nn::Linear(width, 3 * width));
    attention_out_ = register_module("attention_out", torch::nn::Linear(width, width));
    mlp_norm_ = register_module("mlp_norm", layer_norm(width));
    mlp_in_ = register_module("mlp_in", torch::nn::Linear(width, 4 * width));
    mlp_out_ = register_module("mlp_out", torch::nn::Linear(4 * width, width));
  }

  // [N, tokens, width] -> the same.
  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor y = x + attend(attention_norm_(x));
    return y + mlp_out_(torch::gelu(mlp_in_(mlp_norm_(y))));
  }

 private:
  // The number of images is not looked at (-1), so that a traced network takes any.
  torch::Tensor attend(const torch::Tensor& x) {
    const std::int64_t size = width_ / heads_;  // of a head
    const std::vector<torch::Tensor> parts = queries_keys_values_(x)
                                                 .reshape({-1, tokens_, 3, heads_, size})
                                                 .permute({2, 0, 3, 1, 4})
                                                 .unbind(0);
    const torch::Tensor queries = parts[0] * (1.0 / std::sqrt(static_cast<double>(size)));
    const torch::Tensor shares = torch::matmul(queries, parts[1].transpose(2, 3)).softmax(-1);
    const torch::Tensor seen = torch::matmul(shares, parts[2]);
    return attention_out_(seen.transpose(1, 2).reshape({-1, tokens_, width_}));
  }

  std::int64_t tokens_;
  std::int64_t width_;
  std::int64_t heads_;
  torch::nn::LayerNorm attention_norm_{nullptr};
  torch::nn::Linear queries_keys_values_{nullptr};
  torch::nn::Linear attention_out_{nullptr};
  torch::nn::LayerNorm mlp_norm_{nullptr};
  torch::nn::Linear mlp_in_{nullptr};
  torch::nn::Linear mlp_out_{nullptr};
};

Vit::Vit(const VitConfig& config) : config_(config) {
  const std::int64_t patch = config.patch;
  const std::int64_t tokens = (config.input.height / patch) * (config.input.width / patch);
  embed_ = register_module(
      "embed",
      torch::nn::Conv2d(
          torch::nn::Conv2dOptions(config.input.channels, config.width, patch).stride(patch)));
  position_ =
      register_parameter("position", torch::randn({tokens, config.width}) * kPositionDeviation);
  for (std::int64_t i = 1; i <= config.depth; ++i) {
    blocks_.push_back(
        register_module("block" + std::to_string(i),
                        std::make_shared<VitBlock>(tokens, config.width, config.heads)));
  }
  norm_ = register_module("norm", layer_norm(config.width));
  fc_ = register_module("fc", torch::nn::Linear(config.width, config.classes));
}

torch::Tensor Vit::forward(torch::Tensor x) {
  x = embed_(x).flatten(2).transpose(1, 2) + position_;
  for (const auto& block : blocks_) x = block->forward(x);
  return fc_(norm_(x).mean(1));
}

std::shared_ptr<Classifier> Vit::deployed() const {
  auto copy = std::make_shared<Vit>(config_);
  copy_state(*this, *copy);
  copy->eval();
  return copy;
}

Built build_vit(const BuildRequest& request) {
  const VitConfig config{.input = request.input,
                         .patch = request.values["patch"],
                         .width = request.values["width"],
                         .depth = request.values["depth"],
                         .heads = request.values["heads"],
                         .classes = request.classes};
  if (config.input.height % config.patch != 0 || config.input.width % config.patch != 0) {
    return base::fail(base::ErrorKind::usage,
                      fmt::format("patches of {0}x{0} do not tile the {1}x{2} pixels of an input",
                                  config.patch, config.input.height, config.input.width),
                      "patch must divide both sides");
  }
  if (config.width % config.heads != 0) {
    return base::fail(
        base::ErrorKind::usage,
        fmt::format("the {} heads of vit do not divide its width {}", config.heads, config.width));
  }
  return std::make_shared<Vit>(config);
}

}  // namespace heirloom::arch

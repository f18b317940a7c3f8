// The network, batch and draws of tests/golden/loss_reference.py, and what it found for each loss.
#pragma once

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/arch/classifier.h"
#include "core/train/batch.h"

namespace heirloom::train {

// Batch normalisation between two convolutions; tanh, so that no kink lies between the reference's
// float64 and the float32 here.
class SmallNetwork final : public arch::Classifier {
 public:
  explicit SmallNetwork(std::int64_t classes) {
    conv1_ = register_module(
        "conv1", torch::nn::Conv2d(torch::nn::Conv2dOptions(1, 4, 3).padding(1).bias(false)));
    norm_ = register_module("norm", torch::nn::BatchNorm2d(4));
    conv2_ =
        register_module("conv2", torch::nn::Conv2d(torch::nn::Conv2dOptions(4, 6, 3).stride(2)));
    fc_ = register_module("fc", torch::nn::Linear(24, classes));
  }

  torch::Tensor forward(torch::Tensor x) override {
    x = torch::tanh(conv2_(torch::tanh(norm_(conv1_(x)))));
    return fc_(x.flatten(1));
  }
  std::shared_ptr<Classifier> deployed() const override { return nullptr; }

 private:
  torch::nn::Conv2d conv1_{nullptr};
  torch::nn::BatchNorm2d norm_{nullptr};
  torch::nn::Conv2d conv2_{nullptr};
  torch::nn::Linear fc_{nullptr};
};

inline const nlohmann::json& golden() {
  static const nlohmann::json json =
      nlohmann::json::parse(std::ifstream(HEIRLOOM_GOLDEN "/loss_reference.json"));
  return json;
}

inline torch::Tensor tensor_of(const nlohmann::json& numbers, at::IntArrayRef shape) {
  return torch::tensor(numbers.get<std::vector<float>>()).view(shape);
}

// In training mode, as a method gets it.
struct Reference {
  Reference() {
    const auto& settings = golden().at("settings");
    rows = settings.at("batch");
    classes = settings.at("classes");
    side = settings.at("side");
    draws = settings.at("draws");
    steps = settings.at("steps");
    sigma = settings.at("sigma");
    label_smoothing = settings.at("label_smoothing");
    network = std::make_shared<SmallNetwork>(classes);
    const torch::NoGradGuard no_grad;
    for (const auto& entry : network->named_parameters()) set(entry.key(), entry.value());
    for (const auto& entry : network->named_buffers()) {
      if (entry.value().is_floating_point()) set(entry.key(), entry.value());
    }
    batch.images = values("x", {rows, 1, side, side});
    batch.labels = torch::tensor(golden().at("labels").get<std::vector<std::int64_t>>());
    noise = values("noise", {draws * rows, 1, side, side});
    lambda = values("lambda", {rows});
    uniform = values("uniform", {draws * rows});
    teacher = values("teacher", {rows, classes});
  }

  static torch::Tensor values(const char* name, at::IntArrayRef shape) {
    return tensor_of(golden().at(name), shape);
  }
  torch::Tensor first_noise() const { return noise.slice(0, 0, rows); }

  std::int64_t rows = 0;
  std::int64_t classes = 0;
  std::int64_t side = 0;
  int draws = 0;
  int steps = 0;
  double sigma = 0.0;
  double label_smoothing = 0.0;
  std::shared_ptr<SmallNetwork> network;
  Batch batch;
  torch::Tensor noise;    // draw by draw
  torch::Tensor lambda;   // of SmoothMix
  torch::Tensor uniform;  // of CAT-RS
  torch::Tensor teacher;  // logits

 private:
  static void set(const std::string& name, torch::Tensor tensor) {
    tensor.copy_(tensor_of(golden().at("state").at(name), tensor.sizes()));
  }
};

}  // namespace heirloom::train

// Networks with weights that are not those of a fresh one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/arch/build.h"
#include "core/arch/export.h"

namespace heirloom::arch {

// Every architecture, as small as its layers come in all their forms.
inline std::vector<jobs::ArchSpec> small_architectures() {
  return {{"densenet", {{"depth", "16"}, {"growth", "4"}}},
          {"dla", {{"width", "2"}}},
          {"lenet", {}},
          {"linear", {}},
          {"mlp", {{"width", "32"}}},
          {"preresnet", {{"depth", "8"}, {"width", "4"}}},
          {"preresnet", {{"block", "bottleneck"}, {"depth", "11"}, {"width", "4"}}},
          {"regnet", {}},
          {"resnet", {{"depth", "8"}}},
          {"resnext", {{"depth", "11"}, {"cardinality", "4"}, {"width", "2"}}},
          {"vgg", {{"depth", "11"}, {"width", "4"}}},
          {"vit", {{"depth", "2"}, {"width", "16"}, {"heads", "2"}}},
          {"wideresnet", {{"depth", "10"}, {"widen", "1"}}}};
}

inline std::shared_ptr<Classifier> network_with_seed(const jobs::ArchSpec& spec,
                                                     const jobs::InputShape& shape,
                                                     std::uint64_t seed) {
  torch::manual_seed(seed);
  auto network = build(spec, shape, 10).value();
  // Two passes in training mode, so that batch statistics differ from their initial 0 and 1.
  const torch::NoGradGuard no_grad;
  network->train();
  for (int i = 0; i < 2; ++i) {
    network->forward(torch::rand({8, shape.channels, shape.height, shape.width}));
  }
  for (torch::Tensor parameter : network->parameters()) {
    parameter.add_(torch::rand_like(parameter), 0.02);
  }
  network->eval();
  return network;
}

inline std::string exported(const jobs::ArchSpec& spec, const jobs::InputShape& shape,
                            std::uint64_t seed) {
  return export_classifier(*network_with_seed(spec, shape, seed), shape, jobs::Precision::fp32)
      .value();
}

}  // namespace heirloom::arch

// Networks with weights that are not those of a fresh one.
#pragma once

#include <memory>
#include <string>

#include "core/arch/build.h"
#include "core/arch/export.h"

namespace heirloom::arch {

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

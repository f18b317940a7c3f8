#include "core/train/weight_average.h"

#include <algorithm>

namespace heirloom::train {
namespace {

// Parameters, and the buffers that are no counters.
std::vector<std::pair<std::string, torch::Tensor>> averaged(const arch::Classifier& network) {
  std::vector<std::pair<std::string, torch::Tensor>> tensors;
  for (const auto& entry : network.named_parameters()) {
    tensors.emplace_back(entry.key(), entry.value().detach());
  }
  for (const auto& entry : network.named_buffers()) {
    if (entry.value().is_floating_point()) tensors.emplace_back(entry.key(), entry.value());
  }
  return tensors;
}

}  // namespace

WeightAverage::WeightAverage(std::shared_ptr<arch::Classifier> network, double decay)
    : network_(std::move(network)), decay_(decay), averages_(averaged(*network_)) {
  for (auto& [name, average] : averages_) average = average.clone();
}

void WeightAverage::update(std::int64_t steps_before) {
  const torch::NoGradGuard no_grad;
  const auto steps = static_cast<double>(steps_before);
  const double keep = std::min(decay_, (1.0 + steps) / (10.0 + steps));
  const auto now = averaged(*network_);
  for (std::size_t i = 0; i < now.size(); ++i) {
    averages_[i].second.lerp_(now[i].second, 1.0 - keep);
  }
}

void WeightAverage::copy_to(arch::Classifier& other) const {
  const torch::NoGradGuard no_grad;
  const auto targets = averaged(other);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    torch::Tensor target = targets[i].second;
    target.copy_(averages_[i].second);
  }
}

}  // namespace heirloom::train

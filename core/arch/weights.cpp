#include "core/arch/weights.h"

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/arch/safetensors.h"
#include "core/base/names.h"

namespace heirloom::arch {
namespace {

using base::ErrorKind;
using base::Result;

// All but the counters of batch normalisation, which nothing here reads.
std::map<std::string, torch::Tensor> weights_of(const Classifier& network) {
  std::map<std::string, torch::Tensor> weights;
  for (const auto& entry : network.named_parameters()) {
    weights.emplace(entry.key(), entry.value().detach());
  }
  for (const auto& entry : network.named_buffers()) {
    if (entry.value().is_floating_point()) weights.emplace(entry.key(), entry.value());
  }
  return weights;
}

torch::ScalarType scalar_type(WeightType type) {
  switch (type) {
    case WeightType::f32:
      return torch::kFloat;
    case WeightType::f16:
      return torch::kHalf;
    case WeightType::bf16:
      return torch::kBFloat16;
  }
  return torch::kFloat;
}

template <typename Sizes>
std::string shape_text(const Sizes& sizes) {
  return fmt::format("[{}]", fmt::join(sizes.begin(), sizes.end(), ", "));
}

// As float32; the bytes in the file are not aligned.
Result<torch::Tensor> read_values(const StoredTensor& stored, std::string_view origin) {
  const torch::Tensor raw = torch::empty(stored.shape, scalar_type(stored.type));
  std::memcpy(raw.data_ptr(), stored.bytes.data(), stored.bytes.size());
  torch::Tensor values = raw.to(torch::kFloat);
  if (!torch::isfinite(values).all().item<bool>()) {
    return base::fail(
        ErrorKind::bad_data,
        fmt::format("{}: tensor \"{}\" has numbers that are not finite", origin, stored.name));
  }
  if (stored.name.ends_with("running_var") && (values < 0).any().item<bool>()) {
    return base::fail(ErrorKind::bad_data,
                      fmt::format("{}: tensor \"{}\" has negative variances", origin, stored.name));
  }
  return values;
}

std::vector<std::string> names_of(const std::map<std::string, torch::Tensor>& weights) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : weights) names.push_back(name);
  return names;
}

}  // namespace

std::string save_weights(const Classifier& network) {
  const torch::NoGradGuard no_grad;
  std::vector<TensorToStore> tensors;
  for (const auto& [name, weight] : weights_of(network)) {
    const torch::Tensor plain = weight.to(torch::kCPU, torch::kFloat).contiguous();
    tensors.push_back({name, plain.sizes().vec(),
                       std::string(static_cast<const char*>(plain.data_ptr()), plain.nbytes())});
  }
  return make_safetensors(tensors);
}

Result<void> load_weights(Classifier& network, std::string_view file, std::string_view origin) {
  const torch::NoGradGuard no_grad;
  HEIRLOOM_ASSIGN(const std::vector<StoredTensor> stored, parse_safetensors(file, origin));
  const auto targets = weights_of(network);
  std::map<std::string, torch::Tensor> values;
  for (const StoredTensor& tensor : stored) {
    const auto target = targets.find(tensor.name);
    if (target == targets.end()) {
      const auto nearest = base::nearest_word(tensor.name, names_of(targets));
      return base::fail(ErrorKind::bad_data,
                        fmt::format("{}: the network has no weights \"{}\"", origin, tensor.name),
                        nearest ? fmt::format("it has {}", *nearest) : std::string());
    }
    if (target->second.sizes() != torch::IntArrayRef(tensor.shape)) {
      return base::fail(
          ErrorKind::bad_data,
          fmt::format("{}: tensor \"{}\" has the shape {}, not {}", origin, tensor.name,
                      shape_text(tensor.shape), shape_text(target->second.sizes())));
    }
    HEIRLOOM_ASSIGN(values[tensor.name], read_values(tensor, origin));
  }
  for (const auto& [name, target] : targets) {
    if (values.count(name) == 0) {
      return base::fail(ErrorKind::bad_data, fmt::format("{} has no tensor \"{}\"", origin, name));
    }
  }
  // In place: weights keep their memory order.
  for (const auto& [name, target] : targets) torch::Tensor(target).copy_(values.at(name));
  return {};
}

}  // namespace heirloom::arch

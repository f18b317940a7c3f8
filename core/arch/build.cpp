#include "core/arch/build.h"

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/arch/builders.h"
#include "core/arch/probe.h"
#include "core/arch/script_network.h"
#include "core/arch/weights.h"

namespace heirloom::arch {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::int64_t kMaxSide = 4096;
constexpr std::int64_t kMaxChannels = 1024;
constexpr std::int64_t kMaxClasses = 100000;

using Builder = Built (*)(const BuildRequest&);
constexpr std::array<std::pair<std::string_view, Builder>, 12> kBuilders{{
    {"densenet", &build_densenet},
    {"dla", &build_dla},
    {"lenet", &build_lenet},
    {"linear", &build_linear},
    {"mlp", &build_mlp},
    {"preresnet", &build_preresnet},
    {"regnet", &build_regnet},
    {"resnet", &build_resnet},
    {"resnext", &build_resnext},
    {"vgg", &build_vgg},
    {"vit", &build_vit},
    {"wideresnet", &build_wideresnet},
}};

base::Result<void> check_model(const jobs::InputShape& shape, std::int64_t classes) {
  const auto between = [](std::int64_t value, std::int64_t maximum) {
    return value >= 1 && value <= maximum;
  };
  if (!between(shape.channels, kMaxChannels) || !between(shape.height, kMaxSide) ||
      !between(shape.width, kMaxSide)) {
    return base::fail(ErrorKind::usage, fmt::format("the input shape [{}, {}, {}] is out of range",
                                                    shape.channels, shape.height, shape.width));
  }
  if (classes < 2 || classes > kMaxClasses) {
    return base::fail(ErrorKind::usage, fmt::format("a classifier has 2 to {} classes, not {}",
                                                    kMaxClasses, classes));
  }
  return {};
}

}  // namespace

base::Result<void> check_smallest_side(const BuildRequest& request, std::string_view name,
                                       std::int64_t smallest) {
  const jobs::InputShape& shape = request.input;
  if (shape.height >= smallest && shape.width >= smallest) return {};
  return base::fail(ErrorKind::usage, fmt::format("{0} needs inputs of at least {1}x{1} pixels, "
                                                  "not {2}x{3}",
                                                  name, smallest, shape.height, shape.width));
}

Built build(const jobs::ArchSpec& spec, const jobs::InputShape& shape, std::int64_t classes,
            std::string_view file) {
  HEIRLOOM_TRY(check_model(shape, classes));
  if (spec.name == jobs::kTorchScript) return ScriptNetwork::load(file, spec, shape, classes);
  HEIRLOOM_ASSIGN(jobs::ArchValues values, jobs::arch_values(spec));
  for (const auto& [name, builder] : kBuilders) {
    if (name != spec.name) continue;
    HEIRLOOM_ASSIGN(std::shared_ptr<Classifier> network,
                    builder({std::move(values), shape, classes}));
    if (!file.empty()) HEIRLOOM_TRY(load_weights(*network, file, "the file of weights"));
    return network;
  }
  throw std::logic_error("an architecture of the list without a builder");
}

Result<std::uint64_t> probe(const jobs::ArchSpec& spec, const jobs::InputShape& shape,
                            std::int64_t classes, std::string_view file) {
  HEIRLOOM_ASSIGN(const std::shared_ptr<Classifier> network, build(spec, shape, classes, file));
  const torch::NoGradGuard no_grad;
  network->eval();
  const torch::Tensor logits =
      network->forward(torch::zeros({2, shape.channels, shape.height, shape.width}));
  if (logits.sizes() != torch::IntArrayRef({2, classes})) {
    return base::fail(
        ErrorKind::internal,
        fmt::format("{} gives logits of {} dimensions for two inputs", spec.name, logits.dim()));
  }
  if (!torch::isfinite(logits).all().item<bool>()) {
    return base::fail(file.empty() ? ErrorKind::internal : ErrorKind::bad_data,
                      fmt::format("{} gives logits that are not finite", spec.name));
  }
  std::uint64_t parameters = 0;
  for (const torch::Tensor& parameter : network->parameters()) {
    if (parameter.requires_grad()) parameters += static_cast<std::uint64_t>(parameter.numel());
  }
  return parameters;
}

void copy_state(const torch::nn::Module& from, torch::nn::Module& to) {
  const torch::NoGradGuard no_grad;
  const auto parameters = from.named_parameters();
  for (auto& entry : to.named_parameters()) entry.value().copy_(parameters[entry.key()]);
  const auto buffers = from.named_buffers();
  for (auto& entry : to.named_buffers()) entry.value().copy_(buffers[entry.key()]);
}

void use_channels_last(const torch::nn::Module& network) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor parameter : network.parameters()) {
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.detach().clone(at::MemoryFormat::ChannelsLast));
    }
  }
}

}  // namespace heirloom::arch

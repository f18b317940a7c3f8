#include "core/arch/build.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/arch/lenet.h"
#include "core/arch/linear.h"
#include "core/arch/parameters.h"
#include "core/arch/probe.h"
#include "core/arch/resnet.h"
#include "core/arch/script_network.h"
#include "core/base/names.h"

namespace heirloom::arch {
namespace {

using base::ErrorKind;
using base::Result;
using Network = Result<std::shared_ptr<Classifier>>;
using Builder = Network (*)(const jobs::ArchSpec&, const jobs::InputShape&, std::int64_t);

constexpr std::int64_t kMaxSide = 4096;
constexpr std::int64_t kMaxChannels = 1024;
constexpr std::int64_t kMaxClasses = 100000;

Network build_lenet(const jobs::ArchSpec& spec, const jobs::InputShape& shape,
                    std::int64_t classes) {
  HEIRLOOM_TRY(parse_parameters(spec, {}));
  if (shape.height < kLeNetMinimumSide || shape.width < kLeNetMinimumSide) {
    return base::fail(ErrorKind::usage,
                      fmt::format("lenet needs inputs of at least {0}x{0} pixels, not {1}x{2}",
                                  kLeNetMinimumSide, shape.height, shape.width));
  }
  return std::make_shared<LeNet>(shape, classes);
}

Network build_resnet(const jobs::ArchSpec& spec, const jobs::InputShape& shape,
                     std::int64_t classes) {
  const std::array known{IntegerParameter{"depth", 20, 8, 1202},
                         IntegerParameter{"width", 16, 1, 1024}};
  HEIRLOOM_ASSIGN(const std::vector<std::int64_t> values, parse_parameters(spec, known));
  if ((values[0] - 2) % 6 != 0) {
    return base::fail(ErrorKind::usage, fmt::format("depth of resnet is {}, not 6n + 2", values[0]),
                      "8, 14, 20, 26, 32, ...");
  }
  return std::make_shared<ResNet>(ResNetConfig{
      .depth = values[0], .width = values[1], .channels = shape.channels, .classes = classes});
}

Network build_linear(const jobs::ArchSpec& spec, const jobs::InputShape& shape,
                     std::int64_t classes) {
  HEIRLOOM_TRY(parse_parameters(spec, {}));
  return std::make_shared<LinearClassifier>(shape.numel(), classes);
}

const std::array<std::pair<std::string, Builder>, 3>& builders() {
  static const std::array<std::pair<std::string, Builder>, 3> all{
      {{"lenet", &build_lenet}, {"linear", &build_linear}, {"resnet", &build_resnet}}};
  return all;
}

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

Network build(const jobs::ArchSpec& spec, const jobs::InputShape& shape, std::int64_t classes,
              std::string_view module) {
  HEIRLOOM_TRY(check_model(shape, classes));
  if (spec.name == jobs::kTorchScript) return ScriptNetwork::load(module, spec, shape, classes);
  std::vector<std::string> names;
  for (const auto& [name, builder] : builders()) {
    if (name == spec.name) return builder(spec, shape, classes);
    names.push_back(name);
  }
  const auto nearest = base::nearest_word(spec.name, names);
  return base::fail(ErrorKind::usage, fmt::format("unknown architecture \"{}\"", spec.name),
                    nearest
                        ? fmt::format("did you mean {}? There are {}", *nearest, list_words(names))
                        : fmt::format("there are {}", list_words(names)));
}

Result<std::uint64_t> probe(const jobs::ArchSpec& spec, const jobs::InputShape& shape,
                            std::int64_t classes, std::string_view module) {
  HEIRLOOM_ASSIGN(const std::shared_ptr<Classifier> network, build(spec, shape, classes, module));
  const torch::NoGradGuard no_grad;
  network->eval();
  const torch::Tensor logits =
      network->forward(torch::zeros({2, shape.channels, shape.height, shape.width}));
  if (logits.sizes() != torch::IntArrayRef({2, classes})) {
    return base::fail(
        ErrorKind::internal,
        fmt::format("{} gives logits of {} dimensions for two inputs", spec.name, logits.dim()));
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

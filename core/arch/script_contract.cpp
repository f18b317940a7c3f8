#include "core/arch/script_contract.h"

#include <array>
#include <optional>
#include <sstream>
#include <string>

#include <fmt/format.h>

namespace heirloom::arch {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::string_view kExport =
    "in Python: torch.jit.script(model).save(FILE), with model.forward(x) returning the logits";

// Kernels round differently at other batch sizes; neighbours change far more.
constexpr double kRelative = 1e-2;
constexpr double kAbsolute = 1e-3;

tl::unexpected<base::Error> refuse(std::string_view origin, std::string what,
                                   std::string_view cure = kExport) {
  return base::fail(ErrorKind::bad_data, fmt::format("{} {}", origin, what), std::string(cure));
}

// Operations that behave otherwise in training, and which of their inputs says that they train.
struct ModeInput {
  std::string_view operation;
  std::size_t input;
  std::string_view name;
};
constexpr std::array kModeInputs = {
    ModeInput{"aten::batch_norm", 5, "batch normalisation"},
    ModeInput{"aten::dropout", 2, "dropout"},
    ModeInput{"aten::feature_dropout", 2, "dropout"},
    ModeInput{"aten::alpha_dropout", 2, "dropout"},
    ModeInput{"aten::feature_alpha_dropout", 2, "dropout"},
};

// The first operation whose mode is written into the graph as `mode`.
std::optional<std::string_view> fixed_operation(const torch::jit::Block& block, bool mode) {
  for (const torch::jit::Node* node : block.nodes()) {
    for (const ModeInput& known : kModeInputs) {
      if (node->kind().toQualString() != known.operation) continue;
      const auto value = torch::jit::toIValue(node->input(known.input));
      if (value && value->isBool() && value->toBool() == mode) return known.name;
    }
    for (const torch::jit::Block* inner : node->blocks()) {
      if (const auto found = fixed_operation(*inner, mode)) return found;
    }
  }
  return std::nullopt;
}

Result<void> check_modes(torch::jit::Module& module, bool frozen_norm, std::string_view origin) {
  const auto graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  if (const auto always = fixed_operation(*graph->block(), true)) {
    return refuse(
        origin,
        fmt::format("keeps its {} in training mode whatever eval() says: an image's class "
                    "would depend on chance or on its neighbours",
                    *always),
        "tracing in train mode does that: use torch.jit.script(model), or trace "
        "model.eval() and set frozen_norm=true");
  }
  const auto never = fixed_operation(*graph->block(), false);
  if (never && !frozen_norm) {
    return refuse(origin,
                  fmt::format("has {} that train() does not switch on: it was traced in evaluation "
                              "mode, and would train with it frozen",
                              *never),
                  "use torch.jit.script(model), or set frozen_norm=true if that is what you want");
  }
  return {};
}

Result<void> check_signature(const torch::jit::Module& module, std::string_view origin) {
  const auto method = module.find_method("forward");
  if (!method) return refuse(origin, "has no method forward");
  const c10::FunctionSchema& schema = method->function().getSchema();
  std::size_t needed = 0;
  for (const c10::Argument& argument : schema.arguments()) {
    if (!argument.default_value()) ++needed;
  }
  if (needed != 2 || schema.arguments().size() < 2) {  // self is one of them
    return refuse(origin, fmt::format("has a forward of {} arguments, not of one batch of images",
                                      needed - 1));
  }
  return {};
}

Result<void> check_weights(const torch::jit::Module& module, std::string_view origin) {
  std::size_t trainable = 0;
  for (const auto& entry : module.named_parameters()) {
    if (entry.value.scalar_type() != torch::kFloat) {
      return refuse(origin, fmt::format("has a parameter {} of type {}, not float32", entry.name,
                                        c10::toString(entry.value.scalar_type())));
    }
    if (!torch::isfinite(entry.value).all().item<bool>()) {
      return refuse(origin, fmt::format("has a parameter {} that is not finite", entry.name));
    }
    trainable += entry.value.requires_grad() ? 1 : 0;
  }
  if (trainable == 0) {
    return refuse(origin, "has no parameter that can be trained",
                  "a frozen module (torch.jit.freeze) holds its weights as constants: save it "
                  "before freezing");
  }
  return {};
}

// The logits of `x`, if they have the shape and type of logits.
Result<torch::Tensor> logits_of(torch::jit::Module& module, const torch::Tensor& x,
                                std::int64_t classes, std::string_view origin) {
  const c10::IValue value = module.forward({x});
  if (!value.isTensor()) {
    return refuse(origin, fmt::format("returns a {}, not a tensor of logits", value.tagKind()));
  }
  torch::Tensor logits = value.toTensor().detach();
  if (logits.scalar_type() != torch::kFloat ||
      logits.sizes() != torch::IntArrayRef({x.size(0), classes})) {
    std::ostringstream got;
    got << logits.scalar_type() << ' ' << logits.sizes();
    return refuse(origin, fmt::format("gives {} for a batch of {}, not Float [{}, {}]", got.str(),
                                      x.size(0), x.size(0), classes));
  }
  if (!torch::isfinite(logits).all().item<bool>()) {
    return refuse(origin, "gives logits that are not finite");
  }
  return logits;
}

Result<void> check_raw(const torch::Tensor& logits, std::string_view origin) {
  constexpr double kNear = 1e-3;
  const auto all_near = [](const torch::Tensor& sums, double value) {
    return (sums - value).abs().max().item<double>() < kNear;
  };
  if (logits.min().item<double>() >= 0.0 && all_near(logits.sum(1), 1.0)) {
    return refuse(origin, "returns probabilities: its rows add up to 1",
                  "leave the softmax out: transfer and certification need raw logits");
  }
  if (logits.max().item<double>() <= 0.0 && all_near(logits.exp().sum(1), 1.0)) {
    return refuse(origin, "returns log-probabilities",
                  "leave the log_softmax out: transfer and certification need raw logits");
  }
  return {};
}

Result<void> check_outputs(torch::jit::Module& module, const torch::Tensor& images,
                           std::int64_t classes, std::string_view origin) {
  HEIRLOOM_ASSIGN(const torch::Tensor logits, logits_of(module, images, classes, origin));
  HEIRLOOM_ASSIGN(const torch::Tensor again, logits_of(module, images, classes, origin));
  if (!torch::equal(logits, again)) {
    return refuse(origin, "gives other logits when it is asked again",
                  "a classifier that draws random numbers in evaluation mode cannot be certified");
  }
  for (std::int64_t i = 0; i < images.size(0); ++i) {
    HEIRLOOM_ASSIGN(const torch::Tensor alone,
                    logits_of(module, images.slice(0, i, i + 1), classes, origin));
    if (!torch::allclose(alone[0], logits[i], kRelative, kAbsolute)) {
      return refuse(origin, "gives an image other logits when its neighbours in the batch change");
    }
  }
  return check_raw(logits, origin);
}

// Certification asks about many noisy copies of one image in one batch: were they to sway one
// another, their counts would be those of no classifier.
Result<void> check_crowd(torch::jit::Module& module, const torch::Tensor& image,
                         const at::Generator& generator, std::int64_t classes,
                         std::string_view origin) {
  constexpr std::int64_t kCopies = 64;
  const torch::Tensor noise =
      torch::randn({kCopies, image.size(1), image.size(2), image.size(3)}, generator);
  const torch::Tensor crowd = image + 0.5 * noise;
  HEIRLOOM_ASSIGN(const torch::Tensor logits, logits_of(module, crowd, classes, origin));
  for (const std::int64_t i : {std::int64_t{0}, kCopies / 2, kCopies - 1}) {
    HEIRLOOM_ASSIGN(const torch::Tensor alone,
                    logits_of(module, crowd.slice(0, i, i + 1), classes, origin));
    if (!torch::allclose(alone[0], logits[i], kRelative, kAbsolute)) {
      return refuse(origin, "gives an image other logits in a large batch than alone");
    }
  }
  return {};
}

}  // namespace

Result<void> check_script_contract(torch::jit::Module& module, const jobs::InputShape& shape,
                                   std::int64_t classes, bool frozen_norm,
                                   std::string_view origin) {
  constexpr std::int64_t kImages = 4;
  const torch::NoGradGuard no_grad;
  HEIRLOOM_TRY(check_signature(module, origin));
  HEIRLOOM_TRY(check_weights(module, origin));
  HEIRLOOM_TRY(check_modes(module, frozen_norm, origin));
  auto generator = at::detail::createCPUGenerator(1);
  const torch::Tensor images =
      torch::rand({kImages, shape.channels, shape.height, shape.width}, generator);
  module.eval();
  HEIRLOOM_TRY(check_outputs(module, images, classes, origin));
  HEIRLOOM_TRY(check_crowd(module, images.slice(0, 0, 1), generator, classes, origin));
  if (frozen_norm) return {};
  module.train();
  HEIRLOOM_TRY(logits_of(module, images, classes, origin));
  return {};
}

}  // namespace heirloom::arch

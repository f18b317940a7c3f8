#include "core/smooth/smoothed_gradient.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "core/arch/artifact.h"
#include "core/arch/runtime.h"
#include "core/base/normal_stream.h"
#include "core/smooth/noisy_input.h"

namespace heirloom::smooth {
namespace {

using base::ErrorKind;
using base::Result;

}  // namespace

struct SmoothedGradient::State {
  VotesSetup setup;
  arch::Artifact artifact;
  std::vector<float> scratch;  // one image
  torch::Tensor gradient;      // float32 [1, C, H, W], contiguous

  torch::Tensor noise(const base::Digest& seed, std::uint32_t first, std::uint32_t count);
  torch::Tensor climb(std::span<const float> image, std::int32_t claimed,
                      const torch::Tensor& noise);
};

// [count, C, H, W], channels-last as in every forward pass.
torch::Tensor SmoothedGradient::State::noise(const base::Digest& seed, std::uint32_t first,
                                             std::uint32_t count) {
  const jobs::InputShape& shape = setup.shape;
  torch::Tensor out =
      torch::empty_strided({count, shape.channels, shape.height, shape.width},
                           {shape.numel(), 1, shape.width * shape.channels, shape.channels});
  const base::NormalStream stream(seed);
  const std::size_t numel = scratch.size();
  for (std::uint32_t i = 0; i < count; ++i) {
    noise_only(shape, setup.sigma, stream, first + i, scratch,
               {out.data_ptr<float>() + i * numel, numel});
  }
  return out;
}

torch::Tensor SmoothedGradient::State::climb(std::span<const float> image, std::int32_t claimed,
                                             const torch::Tensor& noise) {
  const jobs::InputShape& shape = setup.shape;
  const torch::Tensor x = torch::empty({1, shape.channels, shape.height, shape.width});
  std::copy(image.begin(), image.end(), x.data_ptr<float>());
  x.requires_grad_();
  const torch::Tensor logits = artifact.forward_with_gradient(noise + x);
  // log mean_i F_i = logsumexp_i log F_i - log m, and the last term has no slope.
  const torch::Tensor loss = -logits.log_softmax(1).select(1, claimed).logsumexp(0);
  if (!loss.requires_grad()) return {};
  return torch::autograd::grad({loss}, {x}, /*grad_outputs=*/{}, /*retain_graph=*/c10::nullopt,
                               /*create_graph=*/false, /*allow_unused=*/true)[0];
}

SmoothedGradient::SmoothedGradient(std::unique_ptr<State> state) : state_(std::move(state)) {}
SmoothedGradient::SmoothedGradient(SmoothedGradient&&) noexcept = default;
SmoothedGradient& SmoothedGradient::operator=(SmoothedGradient&&) noexcept = default;
SmoothedGradient::~SmoothedGradient() = default;

Result<SmoothedGradient> SmoothedGradient::create(const VotesSetup& setup) {
  arch::use_threads(1);
  HEIRLOOM_ASSIGN(arch::Artifact artifact,
                  arch::Artifact::load(setup.model, setup.shape, setup.classes, setup.origin));
  const auto numel = static_cast<std::size_t>(setup.shape.numel());
  return SmoothedGradient(
      std::make_unique<State>(State{setup, std::move(artifact), std::vector<float>(numel), {}}));
}

Result<std::span<const float>> SmoothedGradient::at(std::span<const float> image,
                                                    std::int32_t claimed, const base::Digest& seed,
                                                    std::uint32_t first, std::uint32_t count) {
  State& state = *state_;
  const auto refuse = [&](std::string_view what) {
    return base::fail(ErrorKind::bad_data, fmt::format("{} {}", state.setup.origin, what),
                      "a classifier without gradients cannot be attacked: leave falsify.examples "
                      "at 0 for this model");
  };
  try {
    state.gradient = state.climb(image, claimed, state.noise(seed, first, count));
    if (!state.gradient.defined()) return refuse("lets no gradient through to its input");
    state.gradient = state.gradient.contiguous();
  } catch (const std::exception& error) {
    const std::string_view words = error.what();
    return refuse(fmt::format("fails in a backward pass: {}", words.substr(0, words.find('\n'))));
  }
  const std::span<const float> gradient(state.gradient.data_ptr<float>(), image.size());
  for (const float value : gradient) {
    if (!std::isfinite(value)) {
      return refuse(fmt::format("gives gradients that are not finite (draws {} to {})", first,
                                first + count - 1));
    }
  }
  return gradient;
}

}  // namespace heirloom::smooth

#include "core/smooth/noisy_votes.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "core/arch/artifact.h"
#include "core/arch/runtime.h"
#include "core/base/normal_stream.h"
#include "core/smooth/grid_noise.h"
#include "core/smooth/noisy_input.h"

namespace heirloom::smooth {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::int64_t kMaxForwardBatch = 65536;

// The class of each of the first votes.size() rows of float32 logits [B, K]; false if a logit is
// not finite.
bool read_votes(const torch::Tensor& logits, std::span<std::int32_t> votes) {
  const torch::Tensor plain = logits.contiguous();
  const float* row = plain.data_ptr<float>();
  const auto classes = static_cast<std::size_t>(plain.size(1));
  for (std::int32_t& vote : votes) {
    std::size_t best = 0;
    bool tied = false;
    for (std::size_t k = 0; k < classes; ++k) {
      if (!std::isfinite(row[k])) return false;
      if (k > 0 && row[k] >= row[best]) {
        tied = row[k] == row[best];
        if (!tied) best = k;
      }
    }
    vote = tied ? NoisyVotes::kNoVote : static_cast<std::int32_t>(best);
    row += classes;
  }
  return true;
}

}  // namespace

struct NoisyVotes::State {
  VotesSetup setup;
  arch::Artifact artifact;
  std::optional<GridNoise> grid;
  torch::Tensor input;         // float32 [B, C, H, W], channels-last
  torch::Tensor logits;        // float32 [drawn, K]
  std::vector<float> scratch;  // one image
  std::vector<std::int32_t> pixels;
  std::vector<std::int32_t> votes;
  std::vector<std::size_t> beyond;  // rows whose grid noise was cut off

  std::span<float> row(std::uint64_t r) {
    const std::size_t numel = scratch.size();
    return {input.data_ptr<float>() + r * numel, numel};
  }
  Result<void> fill(std::span<const float> image, const base::Digest& seed, std::uint64_t first,
                    std::uint64_t count);
  Result<void> fill_grid(std::span<const float> image, const base::Digest& seed,
                         std::uint64_t first, std::uint64_t count);
};

Result<void> NoisyVotes::State::fill_grid(std::span<const float> image, const base::Digest& seed,
                                          std::uint64_t first, std::uint64_t count) {
  for (std::size_t i = 0; i < image.size(); ++i) {
    const float scaled = image[i] * 255.0F;
    pixels[i] = static_cast<std::int32_t>(std::lround(scaled));
    if (!(std::abs(scaled - static_cast<float>(pixels[i])) < 1e-3F)) {
      return base::fail(ErrorKind::usage,
                        fmt::format("value {} of the image is {}, not a whole 255th", i, image[i]),
                        "noise on the grid is for images of 8 bits");
    }
  }
  for (std::uint64_t r = 0; r < count; ++r) {
    const auto sample = static_cast<std::uint32_t>(first + r);
    if (!grid->add(pixels, setup.shape, seed, sample, row(r))) beyond.push_back(r);
  }
  return {};
}

Result<void> NoisyVotes::State::fill(std::span<const float> image, const base::Digest& seed,
                                     std::uint64_t first, std::uint64_t count) {
  beyond.clear();
  if (grid) {
    HEIRLOOM_TRY(fill_grid(image, seed, first, count));
  } else {
    const base::NormalStream stream(seed);
    for (std::uint64_t r = 0; r < count; ++r) {
      add_noise(image, setup.shape, setup.sigma, stream, static_cast<std::uint32_t>(first + r),
                scratch, row(r));
    }
  }
  std::fill(input.data_ptr<float>() + count * scratch.size(),
            input.data_ptr<float>() + input.numel(), 0.0F);
  return {};
}

NoisyVotes::NoisyVotes(std::unique_ptr<State> state) : state_(std::move(state)) {}
NoisyVotes::NoisyVotes(NoisyVotes&&) noexcept = default;
NoisyVotes& NoisyVotes::operator=(NoisyVotes&&) noexcept = default;
NoisyVotes::~NoisyVotes() = default;

Result<NoisyVotes> NoisyVotes::create(const VotesSetup& setup) {
  if (setup.forward_batch < 1 || setup.forward_batch > kMaxForwardBatch) {
    return base::fail(ErrorKind::usage,
                      fmt::format("a forward batch of {} is out of range", setup.forward_batch));
  }
  arch::use_threads(1);
  HEIRLOOM_ASSIGN(arch::Artifact artifact,
                  arch::Artifact::load(setup.model, setup.shape, setup.classes, setup.origin));
  if (artifact.classifier_id() != setup.classifier_id) {
    return base::fail(ErrorKind::usage,
                      fmt::format("{} is classifier {}, but the job names {}", setup.origin,
                                  artifact.classifier_id().hex(), setup.classifier_id.hex()));
  }
  const jobs::InputShape& shape = setup.shape;
  const auto numel = static_cast<std::size_t>(shape.numel());
  // Channels-last strides written out: for one channel LibTorch would leave them ambiguous.
  torch::Tensor input =
      torch::empty_strided({setup.forward_batch, shape.channels, shape.height, shape.width},
                           {shape.numel(), 1, shape.width * shape.channels, shape.channels});
  auto state = std::make_unique<State>(
      State{setup,
            std::move(artifact),
            std::nullopt,
            std::move(input),
            torch::Tensor(),
            std::vector<float>(numel),
            std::vector<std::int32_t>(numel),
            std::vector<std::int32_t>(static_cast<std::size_t>(setup.forward_batch)),
            {}});
  if (setup.grid) state->grid.emplace(setup.sigma);
  return NoisyVotes(std::move(state));
}

Result<std::span<const std::int32_t>> NoisyVotes::draw(std::span<const float> image,
                                                       const base::Digest& seed,
                                                       std::uint64_t first, std::uint64_t count) {
  State& state = *state_;
  HEIRLOOM_TRY(state.fill(image, seed, first, count));
  const std::span<std::int32_t> votes(state.votes.data(), count);
  try {
    const torch::Tensor logits = state.artifact.forward(state.input);
    state.logits = logits.narrow(0, 0, static_cast<std::int64_t>(count));
    if (!read_votes(logits, votes)) {
      return base::fail(ErrorKind::bad_data,
                        fmt::format("{} gives logits that are not finite (draws {} to {})",
                                    state.setup.origin, first, first + count - 1));
    }
  } catch (const std::exception& error) {
    const std::string_view words = error.what();
    return base::fail(ErrorKind::bad_data,
                      fmt::format("{} fails in a forward pass: {}", state.setup.origin,
                                  words.substr(0, words.find('\n'))));
  }
  for (const std::size_t r : state.beyond) votes[r] = kNoVote;
  return std::span<const std::int32_t>(votes);
}

void NoisyVotes::add_outputs(std::span<double> sums) const {
  const torch::Tensor totals = state_->logits.to(torch::kDouble).softmax(1).sum(0).contiguous();
  for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += totals.data_ptr<double>()[k];
}

}  // namespace heirloom::smooth

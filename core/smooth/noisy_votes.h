// The votes of a classifier on noisy copies of one image: what certification, prediction and the
// confirmation of an attack are made of. No LibTorch in this header.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/base/strong.h"
#include "core/jobs/model_spec.h"

namespace heirloom::smooth {

struct VotesSetup {
  std::string_view model;   // artifact bytes, whose SHA-256 the caller has checked
  std::string_view origin;  // what to call them in errors
  jobs::InputShape shape;
  std::int64_t classes = 0;
  base::Digest classifier_id;  // must be that of the artifact
  base::Sigma sigma;
  bool grid = false;               // core/smooth/grid_noise.h instead of float32 noise
  std::int64_t forward_batch = 0;  // B, rows of each forward pass (core/smooth/kernel.h)
};

// Owns a loaded copy of the model. One thread at a time, and always the one that created it; it
// runs single-threaded kernels there.
class NoisyVotes {
 public:
  // Errors: usage (another classifier, a batch out of range), bad_data (the artifact does not fit).
  static base::Result<NoisyVotes> create(const VotesSetup& setup);
  NoisyVotes(NoisyVotes&&) noexcept;
  NoisyVotes& operator=(NoisyVotes&&) noexcept;
  ~NoisyVotes();

  // The class of draws first, ..., first + count - 1 of the stream of `seed` around `image`
  // (float32 [C, H, W]; whole 255ths when `grid`), kNoVote where the largest logit is tied. first
  // is a multiple of B and count at most B: draw j is always row j mod B of a pass of B rows, zeros
  // after the last, so its vote depends on nothing else. Valid until the next call.
  // Errors (bad_data): logits that are not finite; usage: an image off the grid.
  base::Result<std::span<const std::int32_t>> draw(std::span<const float> image,
                                                   const base::Digest& seed, std::uint64_t first,
                                                   std::uint64_t count);

  // Adds to each of `sums` [classes] the softmax outputs of the draws of the last call.
  void add_outputs(std::span<double> sums) const;

  static constexpr std::int32_t kNoVote = -1;

 private:
  struct State;
  explicit NoisyVotes(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace heirloom::smooth

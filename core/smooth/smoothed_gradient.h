// The slope that an attack on the smoothed classifier climbs: SmoothAdv's loss (Salman et al. 2019,
// "Provably robust deep learning via adversarially trained smoothed classifiers", section 3).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/smooth/noisy_votes.h"

namespace heirloom::smooth {

// Owns a loaded copy of the model. One thread at a time, and always the one that created it.
class SmoothedGradient {
 public:
  // Errors (bad_data): the artifact does not fit. forward_batch and grid of `setup` play no part:
  // the slope is that of float32 noise.
  static base::Result<SmoothedGradient> create(const VotesSetup& setup);
  SmoothedGradient(SmoothedGradient&&) noexcept;
  SmoothedGradient& operator=(SmoothedGradient&&) noexcept;
  ~SmoothedGradient();

  // The gradient of -log mean_i F(image + delta_i)[claimed] with respect to the image, F the
  // softmax of the logits and delta_i the draws first, ..., first + count - 1 of the stream of
  // `seed`. Image and gradient are [C, H, W]; valid until the next call.
  // Errors (bad_data): no gradient comes through the classifier, or one that is not finite.
  base::Result<std::span<const float>> at(std::span<const float> image, std::int32_t claimed,
                                          const base::Digest& seed, std::uint32_t first,
                                          std::uint32_t count);

 private:
  struct State;
  explicit SmoothedGradient(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace heirloom::smooth

// Which noise stream an example gets (docs/statistics.md section 3).
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/digest.h"
#include "core/base/strong.h"

namespace heirloom::smooth {

// Draws for different purposes are independent. The words are part of the key: never renamed.
enum class Purpose { select, estimate, predict, attack, permute };
std::string_view to_string(Purpose purpose);

// What the streams of one certification have in common.
struct NoiseContext {
  base::Digest secret;  // K_h, the holdout's
  base::Digest classifier_id;
  base::Digest holdout_id;
  base::Sigma sigma;
};

// Seed of a base::NormalStream: HMAC-SHA256(K_h, FieldEncoder{"heirloom/noise/v1", purpose,
// classifier_id, sigma bits, holdout id, example digest, example index}). Not in it: n, n0, alpha,
// radii, threads, shard, attempt. Draw j of a stream is sample j, whatever else is drawn.
base::Digest noise_seed(const NoiseContext& context, Purpose purpose,
                        const base::Digest& example_digest, std::uint32_t example_index);

}  // namespace heirloom::smooth

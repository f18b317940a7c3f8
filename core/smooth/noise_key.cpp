#include "core/smooth/noise_key.h"

namespace heirloom::smooth {

std::string_view to_string(Purpose purpose) {
  switch (purpose) {
    case Purpose::select:
      return "select";
    case Purpose::estimate:
      return "estimate";
    case Purpose::predict:
      return "predict";
    case Purpose::attack:
      return "attack";
    case Purpose::permute:
      return "permute";
  }
  return "";
}

base::Digest noise_seed(const NoiseContext& context, Purpose purpose,
                        const base::Digest& example_digest, std::uint32_t example_index) {
  base::FieldEncoder fields;
  fields.text("heirloom/noise/v1")
      .text(to_string(purpose))
      .digest(context.classifier_id)
      .real(context.sigma.value())
      .digest(context.holdout_id)
      .digest(example_digest)
      .integer(example_index);
  return base::hmac_sha256(context.secret, fields.encoded());
}

}  // namespace heirloom::smooth

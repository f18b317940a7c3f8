#include "core/data/sampler.h"

#include <numeric>
#include <utility>

#include "core/base/digest.h"
#include "core/base/philox.h"

namespace heirloom::data {

std::vector<std::uint32_t> epoch_order(std::uint64_t seed, std::int64_t epoch,
                                       std::uint32_t examples) {
  base::FieldEncoder fields;
  fields.text("heirloom/epoch-order/v1").integer(static_cast<std::int64_t>(seed)).integer(epoch);
  base::PhiloxWords words(fields.sha256());
  std::vector<std::uint32_t> order(examples);
  std::iota(order.begin(), order.end(), 0U);
  for (std::uint32_t i = examples; i > 1; --i) std::swap(order[i - 1], order[words.below(i)]);
  return order;
}

}  // namespace heirloom::data

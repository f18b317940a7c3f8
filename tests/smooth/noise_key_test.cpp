#include "core/smooth/noise_key.h"

#include <set>

#include <gtest/gtest.h>

namespace heirloom::smooth {
namespace {

NoiseContext context() {
  return {.secret = base::sha256("secret"),
          .classifier_id = base::sha256("classifier"),
          .holdout_id = base::sha256("holdout"),
          .sigma = base::Sigma(0.5)};
}

TEST(NoiseKey, IsTheHmacOfTheFieldsThatStatisticsNames) {
  base::FieldEncoder fields;
  fields.text("heirloom/noise/v1")
      .text("estimate")
      .digest(base::sha256("classifier"))
      .real(0.5)
      .digest(base::sha256("holdout"))
      .digest(base::sha256("example"))
      .integer(17);
  EXPECT_EQ(noise_seed(context(), Purpose::estimate, base::sha256("example"), 17),
            base::hmac_sha256(base::sha256("secret"), fields.encoded()));
}

TEST(NoiseKey, ChangesWithEachOfThem) {
  const base::Digest example = base::sha256("example");
  std::set<base::Digest> seeds;
  for (const Purpose purpose :
       {Purpose::select, Purpose::estimate, Purpose::predict, Purpose::attack, Purpose::permute}) {
    seeds.insert(noise_seed(context(), purpose, example, 17));
  }
  EXPECT_EQ(seeds.size(), 5U);
  NoiseContext other = context();
  other.secret = base::sha256("other");
  seeds.insert(noise_seed(other, Purpose::select, example, 17));
  other = context();
  other.classifier_id = base::sha256("other");
  seeds.insert(noise_seed(other, Purpose::select, example, 17));
  other = context();
  other.holdout_id = base::sha256("other");
  seeds.insert(noise_seed(other, Purpose::select, example, 17));
  other = context();
  other.sigma = base::Sigma(0.25);
  seeds.insert(noise_seed(other, Purpose::select, example, 17));
  seeds.insert(noise_seed(context(), Purpose::select, base::sha256("other"), 17));
  seeds.insert(noise_seed(context(), Purpose::select, example, 18));
  EXPECT_EQ(seeds.size(), 11U);
}

}  // namespace
}  // namespace heirloom::smooth

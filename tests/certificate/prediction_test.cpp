#include "core/certificate/prediction.h"

#include <gtest/gtest.h>

#include <random>

#include "core/stats/binomial.h"
#include "core/stats/smoothing.h"

namespace heirloom::certificate {
namespace {

Protocol sample_protocol() {
  Protocol protocol;
  protocol.n0 = 100;
  protocol.n = 1000;
  protocol.alpha = 0.001;
  protocol.sigma = 0.5;
  protocol.kernel = "float32";
  protocol.forward_batch = 64;
  return protocol;
}

base::Result<Prediction> predict_from(std::vector<std::uint32_t> select,
                                      std::vector<std::uint32_t> estimate) {
  return predict(sample_protocol(), 3, {0, 0, std::move(select), std::move(estimate)});
}

TEST(Prediction, HasAClassItsRadiusAndItsBound) {
  const auto found = predict_from({10, 90, 0}, {60, 930, 10});
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_EQ(found->answer, 1);
  EXPECT_EQ(found->selected, 1);
  EXPECT_EQ(found->p_value, stats::predict_p_value(930, 60));
  EXPECT_EQ(found->p_lower, stats::clopper_pearson_lower(930, 1000, 0.001));
  EXPECT_EQ(found->radius, stats::certified_radius(0.5, found->p_lower));
  EXPECT_GT(found->radius, 0.6);
}

TEST(Prediction, AbstainsWhenTheTwoFirstCouldBeEqual) {
  const auto found = predict_from({50, 40, 10}, {480, 470, 50});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->answer, kAbstain);
  EXPECT_GT(found->p_value, 0.001);
  EXPECT_EQ(found->radius, 0.0);
}

TEST(Prediction, ComparesTheFirstTwoOnly) {
  // No majority, yet no doubt which class comes first: an answer without a radius.
  const auto found = predict_from({40, 30, 30}, {420, 300, 280});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->answer, 0);
  EXPECT_LT(found->p_lower, 0.5);
  EXPECT_EQ(found->radius, 0.0);
}

TEST(Prediction, AnswersByTheFreshDrawsAlone) {
  // The selection was misled; its class keeps its own bound, and lends the answer no radius.
  const auto found = predict_from({60, 40, 0}, {20, 980, 0});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->answer, 1);
  EXPECT_EQ(found->selected, 0);
  EXPECT_EQ(found->p_lower, stats::clopper_pearson_lower(20, 1000, 0.001));
  EXPECT_EQ(found->radius, 0.0);
}

TEST(Prediction, HasNoRadiusWhereItAbstains) {
  // Between the one-sided bound and the two-sided test: CERTIFY would claim a tiny radius.
  const auto found = predict_from({100, 0, 0}, {550, 450, 0});
  ASSERT_TRUE(found.has_value());
  EXPECT_GE(found->p_lower, 0.5);
  EXPECT_EQ(found->answer, kAbstain);
  EXPECT_EQ(found->radius, 0.0);
}

TEST(Prediction, AbstainsWhenEveryDrawWasTied) {
  const auto found = predict_from({0, 0, 0}, {0, 0, 0});
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_EQ(found->answer, kAbstain);
}

TEST(Prediction, RefusesCountsAndProtocolsThatDoNotFit) {
  EXPECT_FALSE(predict_from({101, 0, 0}, {1000, 0, 0}).has_value());
  EXPECT_FALSE(predict_from({100, 0, 0}, {1000, 1, 0}).has_value());
  EXPECT_FALSE(predict_from({100, 0}, {1000, 0}).has_value());
  Protocol adaptive = sample_protocol();
  adaptive.mode = Mode::adaptive;
  adaptive.tolerance = 0.01;
  EXPECT_FALSE(predict(adaptive, 3, {0, 0, {100, 0, 0}, {1000, 0, 0}}).has_value());
}

// The guarantee, where it is hardest: two equal classes, so that any answer is wrong half the time.
// An answer then comes with probability at most alpha. 4,000 runs at alpha 0.05: more than 248 have
// probability below 4e-4 if that is so, and a one-sided test would answer in about 400.
TEST(Prediction, AnswersABalancedImageAtMostAlphaOfTheTime) {
  Protocol protocol = sample_protocol();
  protocol.alpha = 0.05;
  std::mt19937_64 random(7);
  std::binomial_distribution<std::uint32_t> half(1000, 0.5);
  int answered = 0;
  for (int run = 0; run < 4000; ++run) {
    const std::uint32_t first = half(random);
    const auto found = predict(protocol, 2, {0, 0, {50, 50}, {first, 1000 - first}});
    ASSERT_TRUE(found.has_value());
    if (found->answer != kAbstain) ++answered;
  }
  EXPECT_LE(answered, 248);
  EXPECT_GE(answered, 100);  // and does not abstain for nothing
}

}  // namespace
}  // namespace heirloom::certificate

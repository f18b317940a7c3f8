#include "policies/policy.h"

#include <gtest/gtest.h>

#include "policies/judge.h"

namespace heirloom::policies {
namespace {

TEST(Names, AreReadAsTheyAreWritten) {
  for (const auto metric :
       {Metric::certified_accuracy, Metric::clean_accuracy, Metric::per_class_certified_accuracy,
        Metric::acr, Metric::abstain_rate, Metric::pa_quantile, Metric::training_cost}) {
    EXPECT_EQ(parse_metric(to_string(metric)).value(), metric);
  }
  for (const auto comparison : {Comparison::at_least, Comparison::at_most}) {
    EXPECT_EQ(parse_comparison(to_string(comparison)).value(), comparison);
  }
  for (const auto baseline : {Baseline::absolute, Baseline::champion, Baseline::root}) {
    EXPECT_EQ(parse_baseline(to_string(baseline)).value(), baseline);
  }
  for (const auto approval : {Approval::automatic, Approval::manual}) {
    EXPECT_EQ(parse_approval(to_string(approval)).value(), approval);
  }
  for (const auto verdict : {Verdict::promoted, Verdict::rejected, Verdict::held, Verdict::error}) {
    EXPECT_EQ(parse_verdict(to_string(verdict)).value(), verdict);
  }
}

// Rows of the registry hold them.
TEST(Names, AreFrozen) {
  EXPECT_EQ(to_string(Metric::certified_accuracy), "certified_accuracy");
  EXPECT_EQ(to_string(Metric::clean_accuracy), "clean_accuracy");
  EXPECT_EQ(to_string(Metric::per_class_certified_accuracy), "per_class_certified_accuracy");
  EXPECT_EQ(to_string(Metric::acr), "acr");
  EXPECT_EQ(to_string(Metric::abstain_rate), "abstain_rate");
  EXPECT_EQ(to_string(Metric::pa_quantile), "pa_quantile");
  EXPECT_EQ(to_string(Metric::training_cost), "training_cost");
  EXPECT_EQ(to_string(Approval::automatic), "automatic");
  EXPECT_EQ(to_string(Approval::manual), "manual");
  EXPECT_EQ(to_string(Comparison::at_least), "at_least");
  EXPECT_EQ(to_string(Comparison::at_most), "at_most");
  EXPECT_EQ(to_string(Baseline::absolute), "absolute");
  EXPECT_EQ(to_string(Baseline::champion), "champion");
  EXPECT_EQ(to_string(Baseline::root), "root");
  EXPECT_EQ(to_string(Verdict::promoted), "promoted");
  EXPECT_EQ(to_string(Verdict::rejected), "rejected");
  EXPECT_EQ(to_string(Verdict::held), "held");
  EXPECT_EQ(to_string(Verdict::error), "error");
}

TEST(Names, OfNothingAreRefused) {
  EXPECT_FALSE(parse_metric("accuracy").has_value());
  EXPECT_FALSE(parse_comparison("").has_value());
  EXPECT_FALSE(parse_baseline("Champion").has_value());
  EXPECT_FALSE(parse_verdict("passed").has_value());
}

TEST(ThresholdText, SaysTheGateAsAPersonWould) {
  Threshold threshold{
      0, Metric::certified_accuracy, 0.5, Comparison::at_least, Baseline::champion, 0.02, false};
  EXPECT_EQ(threshold.text(), "certified_accuracy at 0.50 at least champion - 0.02");
  threshold.baseline = Baseline::absolute;
  threshold.value = 0.9;
  EXPECT_EQ(threshold.text(), "certified_accuracy at 0.50 at least 0.9");
  EXPECT_EQ((Threshold{0, Metric::clean_accuracy, 0, Comparison::at_least, Baseline::absolute, 0.97,
                       false})
                .text(),
            "clean_accuracy at least 0.97");
  EXPECT_EQ((Threshold{0, Metric::acr, 0, Comparison::at_least, Baseline::root, 0.1, true}).text(),
            "acr at least root - 0.1");
  EXPECT_EQ(
      (Threshold{0, Metric::abstain_rate, 0, Comparison::at_most, Baseline::absolute, 0.05, false})
          .text(),
      "abstain_rate at most 0.05");
  EXPECT_EQ(
      (Threshold{0, Metric::abstain_rate, 0, Comparison::at_most, Baseline::champion, 0.01, false})
          .text(),
      "abstain_rate at most champion + 0.01");
  EXPECT_EQ((Threshold{0, Metric::pa_quantile, 0, Comparison::at_least, Baseline::absolute, 0.9,
                       false, 0.05})
                .text(),
            "pa_quantile 0.05 at least 0.9");
  EXPECT_EQ(
      (Threshold{0, Metric::training_cost, 0, Comparison::at_most, Baseline::absolute, 90, false})
          .text(),
      "training_cost at most 90 s");
}

TEST(GateLevel, IsTheHarsherOfConfidenceAndLedger) {
  Policy policy;
  policy.confidence = 0.95;
  policy.holdout = {20, 3, 0.05};
  EXPECT_DOUBLE_EQ(gate_level(policy.confidence, policy.holdout, 1, 0), 6.25e-4);
  policy.confidence = 0.9999;
  EXPECT_NEAR(gate_level(policy.confidence, policy.holdout, 1, 0), 1e-4, 1e-12);
  EXPECT_EQ(gate_level(policy.confidence, policy.holdout, 21, 0), 0.0);
}

}  // namespace
}  // namespace heirloom::policies

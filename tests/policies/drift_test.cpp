#include "policies/drift.h"

#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/stats/permutation.h"
#include "policies/check.h"

namespace heirloom::policies {
namespace {

using jobs::Coverage;
using jobs::Drifted;
using jobs::DriftTest;
using testing::HasSubstr;

DriftSettings settings() {
  DriftSettings out;
  out.tests = {DriftTest::bbsd_ks, DriftTest::mmd, DriftTest::label_chi2,
               DriftTest::certified_coverage};
  out.radius = 0.25;
  return out;
}

Drifted nothing_found() {
  Drifted found;
  found.fresh = found.labels = 200;
  found.reference = {6000, 5700, 5600};
  found.batch = {200, 190, 187};
  found.tests = {{DriftTest::bbsd_ks, 0.05, 0.8, 0.05, 3, 0},
                 {DriftTest::mmd, 0.001, 0.4, 0.03, -1, 25},
                 {DriftTest::label_chi2, 8.0, 0.5, 0.03, -1, 20}};
  return found;
}

DriftAssessment assessed(const Drifted& found, const DriftSums& sums = {}) {
  return assess(settings(), plan_tests(settings(), std::nullopt), found, sums);
}

TEST(DriftPlan, SharesTheFalseAlarmsOfAYear) {
  // Hourly, one a year, four tests: 2.9e-5 each (docs/drift.md).
  for (const auto& test : plan_tests(settings(), std::nullopt)) {
    if (!jobs::has_p_value(test.test)) {
      EXPECT_EQ(test.level, 0.0);
      continue;
    }
    EXPECT_NEAR(test.level, 0.25 / 8766.0, 1e-12);
  }
  EXPECT_NEAR(alarm_sum(settings()), 4.0 * 8766.0, 1e-6);
}

TEST(DriftPlan, GivesCreditForTimeWithoutATestUpToAMonth) {
  const auto level = [](std::chrono::seconds since) {
    return plan_tests(settings(), since).front().level;
  };
  const double hour = plan_tests(settings(), std::nullopt).front().level;
  EXPECT_NEAR(level(std::chrono::hours(10)), 10.0 * hour, 1e-12);
  EXPECT_EQ(level(std::chrono::seconds(5)), hour);
  EXPECT_EQ(level(std::chrono::hours(24 * 30)), level(std::chrono::hours(24 * 365)));
}

TEST(DriftPlan, KeepsTheReferenceThirtyTimesTheBatch) {
  EXPECT_EQ(drift_sizes(settings(), 10000, 60000).batch, 200U);
  EXPECT_EQ(drift_sizes(settings(), 10000, 60000).reference, 6000U);
  EXPECT_EQ(drift_sizes(settings(), 10000, 60000).labels, 2000U);
  EXPECT_EQ(drift_sizes(settings(), 3000, 600).batch, 100U);
  EXPECT_EQ(drift_sizes(settings(), 3000, 600).reference, 3000U);
  EXPECT_EQ(drift_sizes(settings(), 3000, 600).labels, 20U);
}

TEST(DriftBands, AreNoneWhereNothingIsFound) {
  const DriftAssessment out = assessed(nothing_found());
  EXPECT_EQ(out.band, Band::none);
  EXPECT_EQ(out.lines.size(), 4U);
  EXPECT_EQ(out.summary, "no drift");
}

TEST(DriftBands, NeedTheLevelAndAnEffect) {
  const double level = plan_tests(settings(), std::nullopt).front().level;
  const auto with = [&](double p_value, double effect) {
    Drifted found = nothing_found();
    found.tests[0] = {DriftTest::bbsd_ks, effect, p_value, effect, 3, 0};
    return assessed(found);
  };
  EXPECT_EQ(with(level, 0.1).band, Band::drift);
  EXPECT_EQ(with(level * 1.01, 0.3).band, Band::warning);
  EXPECT_EQ(with(level * 10.01, 0.3).band, Band::none);
  EXPECT_EQ(with(level / 10.0, 0.09).band, Band::warning);
  EXPECT_THAT(with(level / 10.0, 0.09).summary, HasSubstr("does not matter"));
  EXPECT_THAT(with(level, 0.25).summary,
              HasSubstr("drift: softmax outputs are 0.250 off (class 3)"));
}

TEST(DriftBands, AddCoverageUpOverBatches) {
  Drifted fallen = nothing_found();
  fallen.batch = {200, 176, 170};  // 0.88 where 0.95 are expected
  DriftSums sums;
  int batches = 0;
  DriftAssessment out;
  do {
    out = assessed(fallen, sums);
    sums = out.sums;
    ++batches;
  } while (out.band != Band::drift && batches < 20);
  EXPECT_GE(batches, 2);  // one of them could be chance
  EXPECT_LE(batches, 6);
  EXPECT_EQ(out.sums.coverage, stats::ShiryaevRoberts::Sums{});  // an alarm begins anew
  EXPECT_THAT(out.summary, HasSubstr("certified coverage fell by 0.070"));
}

TEST(DriftBands, MeasureAccuracyOnlyWhereItIsPlanned) {
  Drifted wrong = nothing_found();
  wrong.batch = {200, 190, 40};  // certified, for the wrong label
  EXPECT_EQ(assessed(wrong).band, Band::none);
  DriftSettings with = settings();
  with.tests = {DriftTest::certified_accuracy};
  const auto out = assess(with, plan_tests(with, std::nullopt), wrong, {});
  EXPECT_EQ(out.band, Band::drift);
  ASSERT_EQ(out.lines.size(), 1U);
  EXPECT_NEAR(out.lines[0].effect, 5600.0 / 6000.0 - 0.2, 1e-12);
}

TEST(DriftBands, SayWhenThereWasTooLittleToTest) {
  Drifted few;
  few.fresh = 7;
  const DriftAssessment out = assessed(few);
  EXPECT_EQ(out.band, Band::none);
  EXPECT_TRUE(out.lines.empty());
  EXPECT_EQ(out.summary, "not tested: 7 new examples, fewer than 20");
}

// The reference's own share is an estimate. Taken as the truth it would give alarms by the dozen;
// 400 references, each with a year of weekly tests of which one false alarm in four may come.
TEST(DriftBands, AllowForTheChanceInTheReference) {
  std::mt19937_64 generator(3);
  DriftSettings weekly = settings();
  weekly.every = std::chrono::hours(24 * 7);
  weekly.tests = {DriftTest::certified_coverage};
  weekly.false_alarms_per_year = 0.25;
  std::binomial_distribution<std::uint64_t> reference(3000, 0.95);
  std::binomial_distribution<std::uint64_t> batch(100, 0.95);
  int alarms = 0;
  for (int life = 0; life < 400; ++life) {
    Drifted found;
    found.reference = {3000, reference(generator), 0};
    DriftSums sums;
    for (int week = 0; week < 52; ++week) {
      found.batch = {100, batch(generator), 0};
      const auto out = assess(weekly, plan_tests(weekly, std::nullopt), found, sums);
      sums = out.sums;
      if (out.band == Band::drift) ++alarms;
    }
  }
  EXPECT_LE(alarms / 400.0, 0.25 + 3.0 * std::sqrt(0.25 / 400.0));
}

Policy policy_with(const DriftSettings& drift) {
  Policy policy;
  policy.model = {"digits", {1, 28, 28}, 10, 0.5};
  policy.certify.examples = 2000;
  policy.promote = {{.metric = Metric::certified_accuracy, .radius = 0.5, .value = 0.5}};
  policy.drift = drift;
  return policy;
}

std::string findings_of(const DriftSettings& drift, Finding::Severity severity,
                        std::uint64_t examples = 2000) {
  Policy policy = policy_with(drift);
  policy.certify.examples = examples;
  std::string out;
  for (const Finding& finding : check(policy)) {
    if (finding.severity == severity && finding.text.starts_with("drift")) out += finding.text;
  }
  return out;
}

TEST(CheckDrift, RefusesATestThatCannotReachItsLevel) {
  EXPECT_EQ(findings_of(settings(), Finding::Severity::error), "");
  DriftSettings often = settings();
  often.every = std::chrono::seconds(60);
  EXPECT_THAT(findings_of(often, Finding::Severity::error),
              HasSubstr("mmd cannot reach its level"));
  EXPECT_THAT(findings_of(often, Finding::Severity::error), HasSubstr("label_chi2 cannot reach"));
  EXPECT_THAT(findings_of(often, Finding::Severity::error), HasSubstr("test every 316 s"));
  often.every = std::chrono::seconds(316);
  EXPECT_EQ(findings_of(often, Finding::Severity::error), "");  // what it advised is enough
  often.every = std::chrono::seconds(60);
  often.tests = {DriftTest::bbsd_ks, DriftTest::certified_coverage};
  EXPECT_EQ(findings_of(often, Finding::Severity::error), "");
}

TEST(CheckDrift, RefusesARadiusThatNothingCovers) {
  DriftSettings far = settings();
  far.n = 50;
  far.radius = 0.6;
  EXPECT_THAT(findings_of(far, Finding::Severity::error),
              HasSubstr("50 draws certify no radius above 0.56"));
}

TEST(CheckDrift, WarnsOfAHoldoutThatIsTooSmallToTestAgainst) {
  EXPECT_THAT(findings_of(settings(), Finding::Severity::warning, 500),
              HasSubstr("a holdout of 600 or more"));
  EXPECT_THAT(findings_of(settings(), Finding::Severity::note, 3000),
              HasSubstr("batches of 100 new examples against 3000"));
}

}  // namespace
}  // namespace heirloom::policies

#include "policies/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>

#include "core/stats/binomial.h"
#include "core/stats/certified_accuracy.h"
#include "policies/feasibility.h"
#include "tests/policies/evidence.h"

namespace heirloom::policies {
namespace {

using Severity = Finding::Severity;
using testing::ContainsRegex;
using testing::HasSubstr;

Policy sample_policy(std::vector<Threshold> thresholds) {
  Policy policy;
  policy.model = {"digits", {1, 28, 28}, 10, 0.5};
  policy.certify = {1000, 100, 500, 0.001, certificate::Mode::exact};
  policy.promote = std::move(thresholds);
  return policy;
}

std::string texts(const std::vector<Finding>& findings, Severity severity) {
  std::string all;
  for (const Finding& finding : findings) {
    if (finding.severity == severity) all += finding.text + "\n";
  }
  return all;
}

std::string errors(const Policy& policy, std::uint64_t examples = 0) {
  return texts(check(policy, examples), Severity::error);
}

TEST(PolicyCheck, PassesAPolicyThatCanDoWhatItSays) {
  const auto findings = check(sample_policy(
      {certified_at(0.5, 0.6), gate_on(Metric::clean_accuracy, 0.8), gate_on(Metric::acr, 0.4),
       gate_on(Metric::certified_accuracy, 0.05, Baseline::champion)}));
  EXPECT_FALSE(has_error(findings)) << texts(findings, Severity::error);
  EXPECT_EQ(texts(findings, Severity::warning), "");
}

TEST(PolicyCheck, RefusesARadiusAtOrAboveTheCeiling) {
  const double ceiling = stats::exact_radius_ceiling(0.5, 500, 0.001);
  for (const double radius : {ceiling, ceiling + 1e-6, 3.0, 100.0}) {
    for (const bool dry_run : {false, true}) {
      Threshold threshold = certified_at(radius, 0.1);
      threshold.dry_run = dry_run;
      EXPECT_THAT(errors(sample_policy({certified_at(0.5, 0.5), threshold})),
                  HasSubstr("certify no radius above 1.10"));
    }
  }
  EXPECT_EQ(errors(sample_policy({certified_at(ceiling - 1e-6, 0.1)})), "");
  Threshold per_class = gate_on(Metric::per_class_certified_accuracy, 0.1);
  per_class.radius = ceiling;
  EXPECT_THAT(errors(sample_policy({per_class})), HasSubstr("certify no radius above"));
}

TEST(PolicyCheck, SaysHowManyDrawsARadiusTakes) {
  Policy policy = sample_policy({certified_at(1.4, 0.1)});
  const std::string message = errors(policy);
  std::smatch draws;
  ASSERT_TRUE(std::regex_search(message, draws, std::regex("n must be (\\d+) or more")));
  policy.certify.n = std::stoull(draws[1]);
  EXPECT_EQ(errors(policy), "");
  policy.certify.n -= 2;
  EXPECT_NE(errors(policy), "");
}

// For every kind of gate: the number that the error names is enough, and one less is not.
TEST(PolicyCheck, RefusesWhatAPerfectModelFailsAndSaysHowManyExamplesWouldDo) {
  for (const Threshold& threshold :
       {certified_at(0.5, 0.99), gate_on(Metric::clean_accuracy, 0.95),
        gate_on(Metric::per_class_certified_accuracy, 0.8), gate_on(Metric::abstain_rate, 0.02),
        gate_on(Metric::acr, 1.0), gate_on(Metric::certified_accuracy, 0.02, Baseline::champion),
        gate_on(Metric::acr, 0.05, Baseline::root)}) {
    Policy policy = sample_policy({threshold});
    policy.certify.examples = 60;
    const std::string message = errors(policy);
    std::smatch number;
    ASSERT_TRUE(std::regex_search(
        message, number,
        std::regex("even a perfect model fails with 60 examples at the first level, 0.00063; it "
                   "takes (\\d+)")))
        << message;
    policy.certify.examples = std::stoull(number[1]);
    EXPECT_EQ(errors(policy), "") << threshold.text();
    policy.certify.examples -= 1;
    EXPECT_NE(errors(policy), "") << threshold.text();
  }
}

TEST(PolicyCheck, RefusesWhatNoNumberOfExamplesCanMeet) {
  const double ceiling = stats::exact_radius_ceiling(0.5, 500, 0.001);
  EXPECT_THAT(errors(sample_policy({gate_on(Metric::acr, ceiling)})),
              HasSubstr("no model can meet this"));
}

// What check calls passable a perfect model does pass, and the other way round.
TEST(PolicyCheck, AgreesWithTheJudge) {
  for (const std::size_t n : {20u, 60u, 100u, 400u, 1200u}) {
    std::vector<certificate::CertifiedExample> examples(n, robust(0.0));
    certificate::Certificate perfect = certificate_of(examples);
    for (auto& example : perfect.examples) example.radius = ceiling_of(perfect);
    for (const Threshold& threshold :
         {certified_at(0.5, 0.95), gate_on(Metric::per_class_certified_accuracy, 0.9),
          gate_on(Metric::abstain_rate, 0.03), gate_on(Metric::acr, 0.9), pa_quantile(0.05, 0.8),
          gate_on(Metric::abstain_rate, 0.03, Baseline::champion),
          gate_on(Metric::per_class_certified_accuracy, 0.1, Baseline::champion),
          gate_on(Metric::clean_accuracy, 0.03, Baseline::champion),
          gate_on(Metric::acr, 0.1, Baseline::champion)}) {
      JudgeInput input = input_of(perfect, {threshold}, 6.25e-4);
      input.champion = &perfect;
      const Question question{threshold, input.level, 0.001, ceiling_of(perfect), kClasses};
      EXPECT_EQ(judge(input)->gates[0].pass, perfect_model_passes(question, n))
          << threshold.text() << " with " << n;
    }
  }
}

TEST(PolicyCheck, RefusesAQuantileThatUnanimousDrawsDoNotReach) {
  const double most = std::pow(0.001, 1.0 / 500.0);
  const std::string found = errors(sample_policy({certified_at(0.5, 0.5), pa_quantile(0.1, most)}));
  EXPECT_THAT(found, HasSubstr("bound pA by 0.986279 at most"));
  std::smatch draws;
  ASSERT_TRUE(std::regex_search(found, draws, std::regex("n must be ([0-9]+) or more")));
  Policy enough = sample_policy({certified_at(0.5, 0.5), pa_quantile(0.1, most)});
  enough.certify.n = std::stoull(draws[1]);
  EXPECT_EQ(errors(enough), "");
  // The other modes reach less, since they split alpha.
  Policy adaptive = enough;
  adaptive.certify.mode = certificate::Mode::adaptive;
  EXPECT_THAT(errors(adaptive), HasSubstr("n must be"));
}

TEST(PolicyCheck, SaysHowLongACertificationTakes) {
  Policy policy = sample_policy({certified_at(0.5, 0.6)});  // 600,000 samples
  EXPECT_THAT(texts(check(policy, 0, 1000.0), Severity::note),
              HasSubstr("10 min at 1000 samples/s"));
  EXPECT_THAT(texts(check(policy, 0, 1e6), Severity::note), HasSubstr("under a minute"));
}

// The share at which a gate passes nine times in ten, by the distribution of the count itself.
TEST(ShareThatPasses, IsWhereNineInTenPass) {
  const double level = 6.25e-4;
  const Question share{certified_at(0.5, 0.9), level, 0.001, 1.0, kClasses};
  const std::int64_t needed = stats::smallest_passing_count(1000, 0.9, level, 0.001);
  const double rate = share_that_passes(share, 1000).value();
  EXPECT_NEAR(stats::binomial_at_least(needed, 1000, rate), 0.9, 1e-6);
  const Question abstain{gate_on(Metric::abstain_rate, 0.1), level, 0.001, 1.0, kClasses};
  const double most = share_that_passes(abstain, 1000).value();
  EXPECT_LT(most, 0.1);
  EXPECT_GT(most, 0.04);
  const Question classes{gate_on(Metric::per_class_certified_accuracy, 0.9), level, 0.001, 1.0,
                         kClasses};
  EXPECT_GT(share_that_passes(classes, 1000).value(), share_that_passes(share, 250).value());
  EXPECT_FALSE(share_that_passes(share, 20).has_value());
  EXPECT_FALSE(
      share_that_passes({gate_on(Metric::acr, 0.3), level, 0.001, 1.0, 4}, 1000).has_value());
}

// docs/statistics.md section 4: margins that an equally good model passes with power 0.9.
TEST(ShareThatPasses, OfARelativeGateIsTheDisagreementThatAnEqualModelMayHave) {
  const auto may_disagree = [](double margin, std::uint64_t n) {
    const Question question{gate_on(Metric::certified_accuracy, margin, Baseline::champion), 0.05,
                            0.001, 1.0, kClasses};
    return share_that_passes(question, n).value();
  };
  EXPECT_NEAR(may_disagree(0.0097, 2000), 0.02, 0.006);
  EXPECT_NEAR(may_disagree(0.0043, 5000), 0.01, 0.003);
}

TEST(PolicyCheck, TakesTheSizeOfTheHoldoutForAll) {
  Policy policy = sample_policy({certified_at(0.5, 0.9)});
  policy.certify.examples = 0;
  EXPECT_EQ(errors(policy), "");
  EXPECT_THAT(texts(check(policy), Severity::note), HasSubstr("needs 71 examples or more"));
  EXPECT_THAT(errors(policy, 50), HasSubstr("fails with 50 examples"));
  EXPECT_EQ(errors(policy, 500), "");
}

TEST(PolicyCheck, WarnsWhenTheHoldoutIsSmallerThanThePolicyAsks) {
  const auto findings = check(sample_policy({certified_at(0.5, 0.9)}), 50);
  EXPECT_THAT(texts(findings, Severity::warning), HasSubstr("the holdout has 50"));
  EXPECT_TRUE(has_error(findings));
}

TEST(PolicyCheck, NotesTheSmallestPassingCountsAndTheCost) {
  const auto notes = texts(check(sample_policy({certified_at(0.5, 0.6)})), Severity::note);
  EXPECT_THAT(notes, HasSubstr("certified_accuracy at 0.50 at least 0.6: passes from 65"));
  EXPECT_THAT(notes,
              ContainsRegex("of 1000 \\(9 times in 10 with 0\\.6[67][0-9]*\\) at the first level"));
  EXPECT_THAT(notes, HasSubstr("at the last (6.4e-07) from 67"));
  EXPECT_THAT(notes, HasSubstr("600000 samples"));
}

TEST(PolicyCheck, WarnsWhenTheLastLevelIsOutOfReach) {
  Policy policy = sample_policy({certified_at(0.5, 0.9)});
  policy.certify.examples = 100;
  const auto findings = check(policy);
  EXPECT_FALSE(has_error(findings));
  EXPECT_THAT(texts(findings, Severity::warning), HasSubstr("at the ledger's last level"));
}

TEST(PolicyCheck, LetsADryRunAskForTooMuch) {
  Threshold dry = certified_at(0.5, 0.9999);
  dry.dry_run = true;
  const auto findings = check(sample_policy({certified_at(0.5, 0.5), dry}));
  EXPECT_FALSE(has_error(findings));
  EXPECT_THAT(texts(findings, Severity::warning), HasSubstr("even a perfect model fails"));
}

TEST(PolicyCheck, SaysThatRelativeGatesAloneHoldTheFirstGeneration) {
  const auto findings =
      check(sample_policy({gate_on(Metric::clean_accuracy, 0.05, Baseline::champion)}));
  EXPECT_FALSE(has_error(findings));
  EXPECT_THAT(texts(findings, Severity::warning), HasSubstr("first generation"));
}

TEST(PolicyCheck, RefusesAPolicyThatCouldNeverPromote) {
  Threshold dry = certified_at(0.5, 0.5);
  dry.dry_run = true;
  EXPECT_THAT(errors(sample_policy({dry})), HasSubstr("every gate is a dry run"));
  EXPECT_THAT(errors(sample_policy({})), HasSubstr("no gate"));
}

TEST(PolicyCheck, RefusesNumbersThatMeanNothing) {
  const auto refused = [](const auto& change) {
    Policy policy = sample_policy({certified_at(0.5, 0.5)});
    change(policy);
    return has_error(check(policy));
  };
  EXPECT_FALSE(refused([](Policy&) {}));
  EXPECT_TRUE(refused([](Policy& p) { p.certify.alpha = std::nan(""); }));
  EXPECT_TRUE(refused([](Policy& p) { p.certify.n = 0; }));
  EXPECT_TRUE(refused([](Policy& p) { p.certify.n0 = 0; }));
  EXPECT_TRUE(refused([](Policy& p) { p.confidence = 1.0; }));
  EXPECT_TRUE(refused([](Policy& p) { p.confidence = std::nan(""); }));
  EXPECT_TRUE(refused([](Policy& p) { p.holdout.candidates = 0; }));
  EXPECT_TRUE(refused([](Policy& p) { p.holdout.risk = 0.0; }));
  EXPECT_TRUE(refused([](Policy& p) { p.model.sigma = std::nan(""); }));
  EXPECT_TRUE(refused([](Policy& p) { p.model.classes = 1; }));
  EXPECT_TRUE(refused([](Policy& p) { p.promote[0].value = 1.0; }));
}

}  // namespace
}  // namespace heirloom::policies

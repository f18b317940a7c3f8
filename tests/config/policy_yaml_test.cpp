#include "config/policy_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/check.h"
#include "tests/config/corpus.h"

namespace heirloom::config {
namespace {

using policies::Baseline;
using policies::Comparison;
using policies::Metric;
using policies::Policy;
using policies::Threshold;

Policy read_good(const std::string& name) {
  const auto policy =
      policy_from_yaml(slurp(std::filesystem::path(HEIRLOOM_CONFIG_DATA) / "policy" / name), name);
  EXPECT_TRUE(policy.has_value()) << (policy.has_value() ? "" : policy.error().text());
  return policy.value_or(Policy{});
}

TEST(PolicyYaml, ReadsEveryKeyToItsPlace) {
  const Policy policy = read_good("every_key.good.yaml");
  EXPECT_EQ(policy.model, (jobs::ModelSpec{"digits", {3, 32, 16}, 7, 0.25}));
  EXPECT_EQ(policy.bootstrap.architecture, (jobs::ArchSpec{"resnet", {{"depth", "14"}}}));
  EXPECT_EQ(policy.bootstrap.settings.epochs, 21);
  EXPECT_EQ(policy.bootstrap.settings.batch, 64);
  EXPECT_EQ(policy.bootstrap.settings.learning_rate, 0.2);
  EXPECT_EQ(policy.bootstrap.settings.schedule, jobs::Schedule::step);
  EXPECT_EQ(policy.bootstrap.settings.momentum, 0.8);
  EXPECT_EQ(policy.bootstrap.settings.weight_decay, 5e-4);
  EXPECT_EQ(policy.bootstrap.settings.label_smoothing, 0.1);
  EXPECT_EQ(policy.bootstrap.settings.clip_norm, 2.0);
  EXPECT_EQ(policy.bootstrap.settings.ema_decay, 0.99);
  EXPECT_EQ(policy.bootstrap.settings.train_precision, jobs::TrainPrecision::bf16);
  const auto& smoothmix = std::get<jobs::SmoothMixMethod>(policy.bootstrap.method);
  EXPECT_EQ(smoothmix.draws, 3);
  EXPECT_EQ(smoothmix.steps, 5);
  EXPECT_EQ(smoothmix.step_size, 0.5);
  EXPECT_EQ(smoothmix.eta, 2.5);
  EXPECT_EQ(smoothmix.warmup_epochs, 1);
  EXPECT_TRUE(smoothmix.one_step);
  EXPECT_EQ(policy.transfer.settings.epochs, 22);
  EXPECT_EQ(policy.transfer.settings.batch, 32);
  EXPECT_EQ(policy.transfer.settings.learning_rate, 0.01);
  EXPECT_EQ(policy.transfer.settings.schedule, jobs::Schedule::multistep);
  EXPECT_EQ(policy.transfer.settings.milestones, (std::vector{11, 16}));
  EXPECT_EQ(policy.transfer.settings.milestone_factor, 0.2);
  EXPECT_EQ(policy.transfer.settings.momentum, 0.0);
  EXPECT_EQ(policy.transfer.settings.ema_decay, 0.9);
  EXPECT_EQ(policy.transfer.alpha, 0.75);
  EXPECT_EQ(policy.transfer.match_on, jobs::MatchOn::softmax);
  EXPECT_EQ(policy.certify.examples, 4000u);
  EXPECT_EQ(policy.certify.n0, 50u);
  EXPECT_EQ(policy.certify.n, 4294967295u);
  EXPECT_EQ(policy.certify.alpha, 0.002);
  EXPECT_EQ(policy.certify.mode, certificate::Mode::adaptive);
  EXPECT_EQ(policy.certify.tolerance, 0.02);
  EXPECT_EQ(policy.certify.precision, jobs::Precision::bf16);
  EXPECT_TRUE(policy.certify.grid);
  EXPECT_EQ(policy.certify.falsify_examples, 20U);
  EXPECT_EQ(policy.confidence, 0.99);
  EXPECT_EQ(policy.holdout.candidates, 10);
  EXPECT_EQ(policy.holdout.promotions, 2);
  EXPECT_EQ(policy.holdout.risk, 0.01);
  EXPECT_TRUE(policy.sealed);
  EXPECT_EQ(policy.approval, policies::Approval::manual);
}

TEST(PolicyYaml, ReadsEveryKindOfGateInOrder) {
  using enum Metric;
  const auto at_least = Comparison::at_least;
  const std::vector<Threshold> expected = {
      {0, certified_accuracy, 0.75, at_least, Baseline::absolute, 0.5, false},
      {0, certified_accuracy, 1.0, at_least, Baseline::champion, 0.02, false},
      {0, clean_accuracy, 0.0, at_least, Baseline::root, 0.03, true},
      {0, per_class_certified_accuracy, 0.25, at_least, Baseline::absolute, 0.4, false},
      {0, acr, 0.0, at_least, Baseline::absolute, 0.3, false},
      {0, acr, 0.0, at_least, Baseline::champion, 0.05, false},
      {0, abstain_rate, 0.0, Comparison::at_most, Baseline::absolute, 0.1, false},
      {0, abstain_rate, 0.0, Comparison::at_most, Baseline::champion, 0.01, false},
      {0, per_class_certified_accuracy, 0.25, at_least, Baseline::root, 0.1, false},
      {0, pa_quantile, 0.0, at_least, Baseline::absolute, 0.75, false, 0.05},
      {0, training_cost, 0.0, Comparison::at_most, Baseline::absolute, 3600, false}};
  EXPECT_EQ(read_good("every_key.good.yaml").promote, expected);
}

TEST(PolicyYaml, FillsInTheDefaultsOfTheStructs) {
  const Policy policy = read_good("least.good.yaml");
  const policies::CertifySettings certify;
  const Policy plain;
  EXPECT_EQ(policy.transfer.alpha, policies::TransferSettings{}.alpha);
  EXPECT_EQ(policy.transfer.match_on, policies::TransferSettings{}.match_on);
  EXPECT_EQ(policy.certify.examples, certify.examples);
  EXPECT_EQ(policy.certify.n0, certify.n0);
  EXPECT_EQ(policy.certify.alpha, certify.alpha);
  EXPECT_EQ(policy.certify.mode, certify.mode);
  EXPECT_EQ(policy.certify.tolerance, certify.tolerance);
  EXPECT_EQ(policy.certify.precision, certify.precision);
  EXPECT_FALSE(policy.certify.grid);
  EXPECT_EQ(policy.certify.falsify_examples, 0U);
  EXPECT_EQ(policy.confidence, plain.confidence);
  EXPECT_FALSE(policy.sealed);
  EXPECT_EQ(policy.approval, policies::Approval::automatic);
  EXPECT_EQ(policy.holdout.candidates, plain.holdout.candidates);
  EXPECT_EQ(policy.holdout.promotions, plain.holdout.promotions);
  EXPECT_EQ(policy.holdout.risk, plain.holdout.risk);
  EXPECT_FALSE(policy.promote[0].dry_run);
}

template <typename Method>
Method method_of(const std::string& name) {
  return std::get<Method>(read_good(name).bootstrap.method);
}

TEST(PolicyYaml, ReadsTheKeysOfEveryMethod) {
  EXPECT_EQ(method_of<jobs::StabilityMethod>("every_key_of_stability.good.yaml").lambda, 1.5);
  const auto smoothadv = method_of<jobs::SmoothAdvMethod>("every_key_of_smoothadv.good.yaml");
  EXPECT_EQ(smoothadv.draws, 3);
  EXPECT_EQ(smoothadv.steps, 5);
  EXPECT_EQ(smoothadv.epsilon, 0.5);
  EXPECT_EQ(smoothadv.warmup_epochs, 1);
  const auto macer = method_of<jobs::MacerMethod>("every_key_of_macer.good.yaml");
  EXPECT_EQ(macer.draws, 3);
  EXPECT_EQ(macer.lambda, 6.0);
  EXPECT_EQ(macer.beta, 8.0);
  EXPECT_EQ(macer.gamma, 4.0);
  EXPECT_EQ(macer.deferred_epochs, 2);
  const auto consistency = method_of<jobs::ConsistencyMethod>("every_key_of_consistency.good.yaml");
  EXPECT_EQ(consistency.draws, 3);
  EXPECT_EQ(consistency.lambda, 10.0);
  EXPECT_EQ(consistency.eta, 0.25);
  const auto catrs = method_of<jobs::CatRsMethod>("every_key_of_catrs.good.yaml");
  EXPECT_EQ(catrs.draws, 3);
  EXPECT_EQ(catrs.steps, 5);
  EXPECT_EQ(catrs.epsilon, 0.5);
  EXPECT_EQ(catrs.lambda, 2.0);
}

TEST(PolicyYaml, ReadsGaussianBootstrap) {
  EXPECT_TRUE(std::holds_alternative<jobs::GaussianMethod>(
      read_good("gaussian.good.yaml").bootstrap.method));
}

TEST(PolicyYaml, ReadsDriftAndSchedule) {
  using jobs::DriftTest;
  const Policy policy = read_good("every_key.good.yaml");
  ASSERT_TRUE(policy.drift.has_value());
  EXPECT_EQ(policy.drift->every, std::chrono::minutes(30));
  EXPECT_EQ(policy.drift->tests,
            (std::vector{DriftTest::label_chi2, DriftTest::certified_accuracy}));
  EXPECT_EQ(policy.drift->false_alarms_per_year, 2.0);
  EXPECT_EQ(policy.drift->cool_down, std::chrono::hours(48));
  EXPECT_EQ(policy.drift->batch, 100U);
  EXPECT_EQ(policy.drift->n, 150U);
  EXPECT_EQ(policy.drift->radius, 0.125);
  EXPECT_EQ(policy.schedule.retrain, std::chrono::hours(24 * 90));
  EXPECT_EQ(policy.schedule.recertify, std::chrono::hours(24 * 7));
}

TEST(PolicyYaml, TestsForDriftAtTheSmallestRadiusOfTheGates) {
  std::string text =
      slurp(std::filesystem::path(HEIRLOOM_CONFIG_DATA) / "policy" / "gaussian.good.yaml");
  EXPECT_FALSE(policy_from_yaml(text, "f")->drift.has_value());
  EXPECT_FALSE(policy_from_yaml(text, "f")->schedule.retrain.has_value());
  text += "\ndrift: {every: 2h}\n";
  const auto policy = policy_from_yaml(text, "f");
  ASSERT_TRUE(policy.has_value()) << policy.error().text();
  double smallest = 100.0;
  for (const auto& gate : policy->promote) {
    if (gate.radius > 0.0) smallest = std::min(smallest, gate.radius);
  }
  EXPECT_EQ(policy->drift->radius, smallest);
  EXPECT_EQ(policy->drift->tests.size(), 4U);
  EXPECT_EQ(policy->drift->every, std::chrono::hours(2));
  EXPECT_EQ(policy->drift->cool_down, std::chrono::hours(6));
}

TEST(PolicyYaml, RefusesEveryPrefixOfAFileWithoutACrash) {
  const std::string text =
      slurp(std::filesystem::path(HEIRLOOM_CONFIG_DATA) / "policy" / "gaussian.good.yaml");
  const std::size_t end_of_gates = text.find("confidence");
  for (std::size_t length = 0; length + 2 < end_of_gates; ++length) {
    EXPECT_FALSE(policy_from_yaml(text.substr(0, length), "f").has_value()) << length;
  }
}

TEST(ShippedPolicies, AreReadAndCanDoWhatTheySay) {
  int policies = 0;
  for (const auto& entry : std::filesystem::directory_iterator(HEIRLOOM_SHIPPED_POLICIES)) {
    const auto policy = policy_from_yaml(slurp(entry.path()), entry.path().filename().string());
    ASSERT_TRUE(policy.has_value()) << policy.error().text();
    EXPECT_EQ(policy->model.name + ".yaml", entry.path().filename());
    for (const policies::Finding& finding : policies::check(*policy)) {
      EXPECT_EQ(finding.severity, policies::Finding::Severity::note)
          << entry.path() << ": " << finding.text;
    }
    ++policies;
  }
  EXPECT_GE(policies, 2);
}

}  // namespace
}  // namespace heirloom::config

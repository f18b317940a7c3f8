// What must never become a verdict, least of all a kind one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "tests/policies/evidence.h"

namespace heirloom::policies {
namespace {

using certificate::Certificate;
using testing::HasSubstr;

const double kNan = std::nan("");
const double kInfinity = std::numeric_limits<double>::infinity();

// Judges a perfect candidate, against itself as champion and root, after `change`.
base::Result<Judgement> judged_after(const std::function<void(JudgeInput&, Certificate&)>& change) {
  Certificate candidate = planted(1000, 1000);
  const Certificate baseline = candidate;
  JudgeInput input =
      input_of(candidate, {certified_at(0.5, 0.5),
                           gate_on(Metric::certified_accuracy, 0.05, Baseline::champion),
                           gate_on(Metric::clean_accuracy, 0.05, Baseline::root)});
  input.champion = &baseline;
  input.root = &baseline;
  change(input, candidate);
  return judge(input);
}

TEST(JudgeRefusals, StartFromAnInputThatIsPromoted) {
  const auto judgement = judged_after([](JudgeInput&, Certificate&) {});
  ASSERT_TRUE(judgement.has_value()) << judgement.error().text();
  EXPECT_EQ(judgement->verdict, Verdict::promoted);
}

TEST(JudgeRefusals, CoverLevelsThatAreNone) {
  for (const double level : {0.0, -0.1, 1.0, 2.0, kNan, kInfinity}) {
    const auto judgement =
        judged_after([&](JudgeInput& input, Certificate&) { input.level = level; });
    ASSERT_FALSE(judgement.has_value()) << level;
    EXPECT_THAT(judgement.error().message, HasSubstr("level"));
  }
}

TEST(JudgeRefusals, CoverMissingGatesAndEvidence) {
  EXPECT_FALSE(
      judged_after([](JudgeInput& input, Certificate&) { input.thresholds.clear(); }).has_value());
  EXPECT_FALSE(
      judged_after([](JudgeInput& input, Certificate&) { input.candidate = nullptr; }).has_value());
  EXPECT_FALSE(
      judged_after([](JudgeInput& input, Certificate&) { input.classes = 0; }).has_value());
  EXPECT_FALSE(judged_after([](JudgeInput&, Certificate& candidate) {
                 candidate.examples.clear();
               }).has_value());
}

TEST(JudgeRefusals, CoverAnEmptyCertificateOfAnEmptyList) {
  const Certificate empty = certificate_of({});
  const auto judgement = judge(input_of(empty, {certified_at(0.5, 0.5)}));
  ASSERT_FALSE(judgement.has_value());
  EXPECT_THAT(judgement.error().message, HasSubstr("no examples"));
}

TEST(JudgeRefusals, CoverExamplesLeftOutOrAdded) {
  for (const auto& change : std::vector<std::function<void(Certificate&)>>{
           [](Certificate& c) { c.examples.pop_back(); },
           [](Certificate& c) { c.examples.push_back(c.examples.back()); },
           [](Certificate& c) { std::swap(c.examples[0], c.examples[1]); },
           [](Certificate& c) { c.examples[5].index = 999999; }}) {
    const auto judgement =
        judged_after([&](JudgeInput&, Certificate& candidate) { change(candidate); });
    ASSERT_FALSE(judgement.has_value());
    EXPECT_THAT(judgement.error().message, HasSubstr("other examples"));
  }
}

TEST(JudgeRefusals, CoverImpossibleExamples) {
  using certificate::CertifiedExample;
  for (const auto& change : std::vector<std::function<void(CertifiedExample&)>>{
           [](CertifiedExample& e) { e.radius = kNan; },
           [](CertifiedExample& e) { e.radius = kInfinity; },
           [](CertifiedExample& e) { e.radius = -0.1; },
           [](CertifiedExample& e) { e.radius = 50.0; }, [](CertifiedExample& e) { e.label = -1; },
           // An abstention that is "correct" by its label.
           [](CertifiedExample& e) { e.label = e.predicted = certificate::kAbstain; },
           [](CertifiedExample& e) { e.label = e.predicted = 17; },
           [](CertifiedExample& e) { e.predicted = -3; },
           [](CertifiedExample& e) { e.predicted = certificate::kAbstain; }}) {
    const auto judgement =
        judged_after([&](JudgeInput&, Certificate& candidate) { change(candidate.examples[7]); });
    ASSERT_FALSE(judgement.has_value());
    EXPECT_EQ(judgement.error().kind, base::ErrorKind::bad_data);
    EXPECT_THAT(judgement.error().message, HasSubstr("impossible at example 21"));
  }
}

TEST(JudgeRefusals, CoverImpossibleProtocols) {
  for (const auto& change : std::vector<std::function<void(certificate::Protocol&)>>{
           [](auto& p) { p.alpha = 0.0; }, [](auto& p) { p.alpha = kNan; },
           [](auto& p) { p.alpha = 0.7; }, [](auto& p) { p.sigma = kNan; },
           [](auto& p) { p.sigma = 0.0; }, [](auto& p) { p.sigma = kInfinity; },
           [](auto& p) { p.n = 0; }}) {
    Certificate candidate = planted(1000, 1000);
    change(candidate.protocol);
    EXPECT_FALSE(judge(input_of(candidate, {certified_at(0.5, 0.5)})).has_value());
  }
}

TEST(JudgeRefusals, CoverBaselinesUnderAnotherProtocol) {
  for (const bool root : {false, true}) {
    Certificate other = planted(1000, 1000);
    other.protocol.n = 2000;
    const auto judgement = judged_after(
        [&](JudgeInput& input, Certificate&) { (root ? input.root : input.champion) = &other; });
    ASSERT_FALSE(judgement.has_value());
    EXPECT_EQ(judgement.error().kind, base::ErrorKind::conflict);
    EXPECT_THAT(judgement.error().message, HasSubstr(root ? "root" : "champion"));
  }
}

TEST(JudgeRefusals, CoverBaselinesOnOtherExamplesOrLabels) {
  Certificate shorter = planted(1000, 1000);
  shorter.examples.pop_back();
  Certificate relabelled = planted(1000, 1000);
  relabelled.examples[3].label = relabelled.examples[3].predicted = 1;
  Certificate impossible = planted(1000, 1000);
  impossible.examples[3].radius = kNan;
  for (const Certificate* baseline : {&shorter, &relabelled, &impossible}) {
    EXPECT_FALSE(judged_after([&](JudgeInput& input, Certificate&) {
                   input.champion = baseline;
                 }).has_value());
  }
}

TEST(JudgeRefusals, CoverThresholdsThatMakeNoSense) {
  std::vector<Threshold> bad = {certified_at(0.5, kNan),
                                certified_at(0.5, 0.0),
                                certified_at(0.5, 1.0),
                                certified_at(0.5, -0.5),
                                certified_at(kNan, 0.5),
                                certified_at(-0.5, 0.5),
                                certified_at(kInfinity, 0.5),
                                gate_on(Metric::acr, 0.0),
                                gate_on(Metric::acr, -1.0),
                                gate_on(Metric::acr, kInfinity),
                                gate_on(Metric::abstain_rate, 0.0),
                                gate_on(Metric::clean_accuracy, 0.0, Baseline::champion),
                                gate_on(Metric::clean_accuracy, -0.1, Baseline::champion),
                                gate_on(Metric::pa_quantile, 0.01, Baseline::champion),
                                gate_on(Metric::training_cost, 60, Baseline::root),
                                gate_on(Metric::training_cost, 0.0),
                                gate_on(Metric::training_cost, kInfinity),
                                gate_on(Metric::pa_quantile, 0.9)};  // of no quantile
  for (const double quantile : {-0.1, 1.0, kNan}) {
    bad.push_back(pa_quantile(quantile, 0.9));
  }
  bad.push_back(pa_quantile(0.05, 0.4));
  bad.push_back(pa_quantile(0.05, 1.0));
  bad.push_back(certified_at(0.5, 0.5));
  bad.back().comparison = Comparison::at_most;
  bad.push_back(gate_on(Metric::abstain_rate, 0.5));
  bad.back().comparison = Comparison::at_least;
  for (const Threshold& threshold : bad) {
    // As a dry run, too: a row that makes no sense is a sign of tampering.
    for (const bool dry_run : {false, true}) {
      const auto judgement = judged_after([&](JudgeInput& input, Certificate&) {
        input.thresholds.push_back(threshold);
        input.thresholds.back().dry_run = dry_run;
      });
      ASSERT_FALSE(judgement.has_value()) << threshold.text();
      EXPECT_THAT(judgement.error().message, HasSubstr(std::string(to_string(threshold.metric))));
    }
  }
}

TEST(JudgeRefusals, LeaveNothingToAModelThatCertifiesNothing) {
  for (const auto& hopeless :
       {planted(0, 1000),
        certificate_of(std::vector<certificate::CertifiedExample>(1000, abstaining()))}) {
    for (const Threshold& threshold :
         {certified_at(0.0, 0.01), gate_on(Metric::clean_accuracy, 0.01),
          gate_on(Metric::acr, 1e-6), gate_on(Metric::per_class_certified_accuracy, 0.01)}) {
      const auto judgement = judge(input_of(hopeless, {threshold}, 0.4));
      ASSERT_TRUE(judgement.has_value());
      EXPECT_EQ(judgement->verdict, Verdict::rejected) << threshold.text();
    }
  }
}

TEST(JudgeRefusals, LeaveNothingToASingleExample) {
  const Certificate lucky = planted(1, 1, 0.9);
  JudgeInput input = input_of(lucky, {gate_on(Metric::acr, 1e-6)}, 0.4);
  EXPECT_EQ(judge(input)->verdict, Verdict::rejected);
  input.thresholds = {gate_on(Metric::acr, 1e-6, Baseline::champion)};
  input.champion = &lucky;
  EXPECT_EQ(judge(input)->verdict, Verdict::rejected);
}

}  // namespace
}  // namespace heirloom::policies

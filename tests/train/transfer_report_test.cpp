#include "core/train/transfer_report.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "core/arch/build.h"
#include "core/arch/export.h"
#include "core/data/glyphs.h"

namespace heirloom::train {
namespace {

constexpr double kRoot2 = std::numbers::sqrt2;
const jobs::ModelSpec kModel{.name = "g", .input = {1, 28, 28}, .classes = 10, .sigma = 0.25};

TEST(DisagreementBound, IsTheLeastOverAllThresholds) {
  std::mt19937 random(1);
  std::lognormal_distribution<float> margin(0.0F, 1.0F);
  std::vector<float> margins(200);
  for (float& m : margins) m = margin(random);
  margins[7] = margins[9];  // a tie
  for (const double distance : {0.0, 0.01, 0.1, 0.5, 20.0}) {
    const DisagreementBound found = disagreement_bound(margins, distance);
    double least = 1.0;
    for (const float t : margins) {
      const auto below =
          std::count_if(margins.begin(), margins.end(), [&](float m) { return m < t; });
      least = std::min(least, static_cast<double>(below) / 200.0 + kRoot2 * distance / t);
    }
    EXPECT_DOUBLE_EQ(found.bound, least) << distance;
  }
}

TEST(DisagreementBound, OfOneMarginIsMarkovs) {
  const std::vector<float> two = {2.0F, 2.0F};
  EXPECT_DOUBLE_EQ(disagreement_bound(two, 0.5).bound, kRoot2 * 0.5 / 2.0);
  EXPECT_EQ(disagreement_bound(two, 0.5).threshold, 2.0);
  EXPECT_EQ(disagreement_bound(two, 5.0).bound, 1.0);
  const std::vector<float> none = {0.0F, 0.0F};
  EXPECT_EQ(disagreement_bound(none, 0.0).bound, 1.0);
}

std::string network(std::uint64_t seed, double nudge) {
  torch::manual_seed(seed);
  const auto built = arch::build({"linear", {}}, kModel.input, kModel.classes).value();
  const torch::NoGradGuard no_grad;
  torch::manual_seed(99);
  for (torch::Tensor parameter : built->parameters()) {
    parameter.mul_(20).add_(nudge * torch::randn_like(parameter));
  }
  return arch::export_classifier(*built, kModel.input, jobs::Precision::fp32).value();
}

jobs::TransferReport report(const std::string& student, jobs::MatchOn match_on) {
  static const data::Dataset dataset = data::draw_glyphs(1, 700, kModel.input, 10).value();
  return report_transfer({.model = kModel,
                          .match_on = match_on,
                          .student = student,
                          .teacher = network(1, 0.0),
                          .dataset = &dataset,
                          .seed = 3,
                          .steps = 50})
      .value();
}

// The inequality holds for any distribution, so also for the one that was measured.
TEST(TransferReport, BoundsTheDisagreementThatItMeasures) {
  for (const auto match_on : {jobs::MatchOn::logits, jobs::MatchOn::softmax}) {
    double last = -1.0;
    for (const double nudge : {0.0, 0.001, 0.01, 0.05}) {
      const jobs::TransferReport found = report(network(1, nudge), match_on);
      EXPECT_EQ(found.examples, 700);
      EXPECT_LE(found.disagreement, found.disagreement_bound) << nudge;
      EXPECT_GE(found.student_accuracy, found.teacher_accuracy - found.disagreement - 1e-12);
      EXPECT_GT(found.distance, last);
      EXPECT_TRUE(std::is_sorted(found.margin_quantiles.begin(), found.margin_quantiles.end()));
      EXPECT_EQ(found.margin_quantiles.size(), jobs::kMarginLevels.size());
      last = found.distance;
    }
    const jobs::TransferReport near = report(network(1, 0.001), match_on);
    EXPECT_LT(near.disagreement_bound, 0.6);
    EXPECT_GT(near.disagreement_bound, 0.0);
  }
}

TEST(TransferReport, OfTheTeacherItselfIsNothing) {
  const jobs::TransferReport found = report(network(1, 0.0), jobs::MatchOn::logits);
  EXPECT_EQ(found.distance, 0.0);
  EXPECT_EQ(found.disagreement, 0.0);
  EXPECT_EQ(found.disagreement_bound, 0.0);
  EXPECT_EQ(found.student_accuracy, found.teacher_accuracy);
  EXPECT_EQ(found, report(network(1, 0.0), jobs::MatchOn::logits));
}

TEST(TransferReport, MeasuresTheOutputsThatWereMatched) {
  const std::string student = network(1, 0.01);
  const jobs::TransferReport logits = report(student, jobs::MatchOn::logits);
  const jobs::TransferReport softmax = report(student, jobs::MatchOn::softmax);
  EXPECT_LE(softmax.margin_quantiles.back(), 1.0);
  EXPECT_GT(logits.margin_quantiles.back(), 1.0);
  EXPECT_LE(softmax.distance, kRoot2);
  EXPECT_EQ(softmax.disagreement, logits.disagreement);
}

}  // namespace
}  // namespace heirloom::train

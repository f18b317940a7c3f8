// What we compute from published logs, against figures that were computed without us.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "core/certificate/analysis.h"
#include "core/certificate/tsv.h"
#include "core/stats/smoothing.h"

namespace heirloom::certificate {
namespace {

constexpr std::uint64_t kDraws = 100000;
constexpr double kAlpha = 0.001;

class ReferenceLogs : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder_ / "expected.csv")) {
      GTEST_SKIP() << "no published logs in " << folder_;
    }
  }

  std::string slurp(const std::string& name) const {
    std::ifstream file(folder_ / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  // The rows of expected.csv, its header first.
  std::vector<std::vector<std::string>> expected() const {
    std::vector<std::vector<std::string>> rows;
    std::stringstream lines(slurp("expected.csv"));
    for (std::string line; std::getline(lines, line);) {
      std::stringstream stream(line);
      rows.emplace_back();
      for (std::string cell; std::getline(stream, cell, ',');) rows.back().push_back(cell);
    }
    return rows;
  }

  Log log(const std::string& name) const {
    auto read = read_log(slurp(name), name);
    EXPECT_TRUE(read.has_value()) << read.error().text();
    return std::move(read).value_or(Log{});
  }

  std::filesystem::path folder_ = HEIRLOOM_REFERENCE_LOGS;
};

// "..._sigma0.50.tsv"
double sigma_of(const std::string& name) {
  return std::stod(name.substr(name.find("_sigma") + 6));
}

TEST_F(ReferenceLogs, GiveTheExpectedFigures) {
  const auto rows = expected();
  ASSERT_EQ(rows.size(), 11u);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string>& row = rows[i];
    const Log read = log(row[0]);
    const Analysis analysis = analyze(read, 0.95);
    EXPECT_EQ(analysis.summary.examples, std::stoul(row[1]));
    EXPECT_NEAR(analysis.summary.acr, std::stod(row[2]), 1e-6) << row[0];
    EXPECT_NEAR(analysis.summary.abstain_rate, std::stod(row[3]), 1e-6) << row[0];
    for (std::size_t column = 4; column < row.size(); ++column) {
      const double radius = std::stod(rows[0][column].substr(3));  // "ca_0.25"
      const double share = std::stod(row[column]);
      EXPECT_NEAR(certified_accuracy(read.examples, radius), share, 1e-6)
          << row[0] << " at " << radius;
      if (share > 0.0) {
        EXPECT_NEAR(analysis.curve.at(column - 4).certified.value, share, 1e-6);
      }
    }
  }
}

// Table of CIFAR-10 figures from the literature: ACR to three digits, certified accuracy in
// percent to one, at 0, 0.5, 1 and 1.5.
TEST_F(ReferenceLogs, GiveThePublishedFiguresOfCifar) {
  const Log resnet110 = log("cifar10_resnet110_smoothmix_sigma0.50.tsv");
  EXPECT_EQ(fmt::format("{:.3f}", summarize(resnet110.examples).acr), "0.736");
  std::string shares;
  for (const double radius : {0.0, 0.5, 1.0, 1.5}) {
    shares += fmt::format("{:.1f} ", 100.0 * certified_accuracy(resnet110.examples, radius));
  }
  EXPECT_EQ(shares, "63.5 50.5 36.7 24.7 ");
  const Log resnet20 = log("cifar10_resnet20_gaussian_sigma0.50.tsv");
  EXPECT_EQ(fmt::format("{:.3f}", summarize(resnet20.examples).acr), "0.524");
}

TEST_F(ReferenceLogs, AreAllowedByTheirOwnSigmaAndByNoSmallerOne) {
  for (const auto& row : expected()) {
    if (row[0] == "file") continue;
    const double sigma = sigma_of(row[0]);
    Log read = log(row[0]);
    EXPECT_TRUE(read.three_digits) << row[0];
    Log other = read;
    EXPECT_TRUE(assume_sampling(read, {sigma, kDraws, kAlpha}, row[0]).has_value()) << row[0];
    EXPECT_FALSE(assume_sampling(other, {sigma * 0.9, kDraws, kAlpha}, row[0]).has_value());
  }
}

TEST_F(ReferenceLogs, HaveIntervalsAboutTheirFigures) {
  for (const auto& row : expected()) {
    if (row[0] == "file") continue;
    Log read = log(row[0]);
    ASSERT_TRUE(assume_sampling(read, {sigma_of(row[0]), kDraws, kAlpha}, row[0]).has_value());
    const Analysis analysis = analyze(read, 0.95);
    ASSERT_TRUE(analysis.acr.has_value());
    EXPECT_LT(analysis.acr->lower, analysis.summary.acr);
    EXPECT_GT(analysis.acr->upper, analysis.summary.acr);
    EXPECT_LT(analysis.acr->upper - analysis.acr->lower, 0.1) << "10,000 examples say more";
    EXPECT_EQ(analysis.classes.size(), 10u);
    for (const CurvePoint& point : analysis.curve) {
      EXPECT_LT(point.certified.interval.lower, point.certified.value);
      EXPECT_GT(point.certified.interval.upper, point.certified.value);
      EXPECT_LT(*point.proven, point.certified.value);
    }
  }
}

// A quantile of p_lower is a radius in other words: half the examples are certified at that of the
// median, and fewer just above it.
TEST_F(ReferenceLogs, HaveQuantilesThatAgreeWithTheCurve) {
  Log read = log("mnist_lenet_smoothmix_sigma0.50.tsv");
  ASSERT_TRUE(assume_sampling(read, {0.5, kDraws, kAlpha}, "log").has_value());
  for (const BoundQuantile& quantile : analyze(read, 0.95).bound_quantiles) {
    if (quantile.p_lower == 0.0) continue;
    const double radius = 0.5 * stats::normal_quantile(quantile.p_lower);
    EXPECT_GE(certified_accuracy(read.examples, radius - 1e-6), 1.0 - quantile.share);
    EXPECT_LE(certified_accuracy(read.examples, radius + 1e-6), 1.0 - quantile.share);
  }
}

TEST_F(ReferenceLogs, SurviveTheirOwnForm) {
  for (const auto& row : expected()) {
    if (row[0] == "file") continue;
    const Log read = log(row[0]);
    const auto again = read_log(to_paper_tsv(read.examples), "again");
    ASSERT_TRUE(again.has_value()) << again.error().text();
    EXPECT_EQ(again->examples, read.examples);
    EXPECT_EQ(again->three_digits, read.three_digits);
  }
}

}  // namespace
}  // namespace heirloom::certificate

#include "core/certificate/analysis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/certificate/tsv.h"
#include "core/stats/binomial.h"
#include "tests/certificate/samples.h"

namespace heirloom::certificate {
namespace {

using testing::IsEmpty;

Log sample_log() {
  return log_from_tsv(to_tsv(test::sample_certificate()), "sample").value();
}

TEST(Analysis, AgreesWithThePlainSummary) {
  const Log log = sample_log();
  const Analysis analysis = analyze(log, 0.95);
  EXPECT_EQ(analysis.summary.acr, summarize(log.examples).acr);
  EXPECT_EQ(analysis.abstained.count, 1u);
  EXPECT_EQ(analysis.abstained.value, analysis.summary.abstain_rate);
  EXPECT_EQ(analysis.abstained.interval, stats::clopper_pearson(1, 4, 1.0 - 0.95));
  EXPECT_EQ(analysis.curve.size(), certified_curve(log, 0.95).size());
}

TEST(Analysis, CountsEachClassAmongItsOwnExamples) {
  const Analysis analysis = analyze(sample_log(), 0.95);
  ASSERT_EQ(analysis.classes.size(), 3u);
  EXPECT_EQ(analysis.classes[0].label, 0);
  EXPECT_EQ(analysis.classes[0].certified[0].count, 0u) << "it abstained";
  EXPECT_EQ(analysis.classes[2].examples, 2u);
  EXPECT_EQ(analysis.classes[2].certified[0].value, 0.5);
  for (const ClassShares& shares : analysis.classes) {
    EXPECT_EQ(shares.certified.size(), analysis.curve.size());
  }
}

TEST(Analysis, LeavesClassesOutWhereTheyWouldBeTooMany) {
  Log log = sample_log();
  log.examples.clear();
  for (std::uint32_t i = 0; i < 30000; ++i) {
    log.examples.push_back(
        test::sample_example(i, static_cast<std::int32_t>(i), static_cast<std::int32_t>(i), 990));
  }
  EXPECT_THAT(analyze(log, 0.95).classes, IsEmpty());
}

// Of ten examples: two wrong, one abstaining, seven correct with bounds that rise.
TEST(Analysis, CountsWrongAndAbstainingExamplesAsBoundsOfZero) {
  Log log = sample_log();
  log.examples = {test::sample_example(0, 1, 0, 1000), test::sample_example(1, 1, 0, 1000),
                  test::sample_example(2, 1, 1, 500)};
  for (std::uint32_t i = 3; i < 10; ++i) {
    log.examples.push_back(test::sample_example(i, 1, 1, 900 + 10 * i));
  }
  for (const BoundQuantile& quantile : analyze(log, 0.95).bound_quantiles) {
    const auto below =
        std::count_if(log.examples.begin(), log.examples.end(), [&](const auto& example) {
          return (example.correct() ? example.p_lower : 0.0) < quantile.p_lower;
        });
    EXPECT_LE(static_cast<double>(below), 10.0 * quantile.share);
    if (quantile.share <= 0.25) {
      EXPECT_EQ(quantile.p_lower, 0.0);
    }
    if (quantile.share == 0.5) {
      EXPECT_EQ(quantile.p_lower, log.examples[5].p_lower);
    }
  }
}

TEST(Analysis, KnowsNoBoundsAndNoIntervalOfRadiiAlone) {
  Log log = sample_log();
  log.form = Form::paper;
  log.protocol.reset();
  const Analysis analysis = analyze(log, 0.95);
  EXPECT_THAT(analysis.bound_quantiles, IsEmpty());
  EXPECT_FALSE(analysis.acr.has_value());
}

// Logs of 300 examples drawn from one population: the intervals of ACR and of certified accuracy
// at 0.5 miss its truth at most as often as their confidence says (1,000 logs; three standard
// errors; a right interval fails this with another seed once in about 740).
TEST(Analysis, CoversThePopulation) {
  constexpr int kLogs = 1000;
  constexpr double kMiss = 0.1;
  std::vector<CertifiedExample> population;
  for (std::uint32_t i = 0; i < 50; ++i) {
    population.push_back(test::sample_example(i, 1, i % 7 == 0 ? 0 : 1, 480 + 10 * i));
  }
  const double acr = summarize(population).acr;
  const double accuracy = certified_accuracy(population, 0.5);
  std::mt19937_64 generator(81);
  std::uniform_int_distribution<std::size_t> any(0, population.size() - 1);
  Log log = sample_log();
  int missed_acr = 0;
  int missed_accuracy = 0;
  for (int run = 0; run < kLogs; ++run) {
    log.examples.clear();
    for (int i = 0; i < 300; ++i) log.examples.push_back(population[any(generator)]);
    const Analysis analysis = analyze(log, 1.0 - kMiss);
    missed_acr += acr < analysis.acr->lower || acr > analysis.acr->upper ? 1 : 0;
    const stats::Interval& share = analysis.curve.at(2).certified.interval;
    missed_accuracy += accuracy < share.lower || accuracy > share.upper ? 1 : 0;
  }
  const double allowed = kMiss + 3.0 * std::sqrt(kMiss * (1.0 - kMiss) / kLogs);
  EXPECT_LE(missed_acr, allowed * kLogs);
  EXPECT_LE(missed_accuracy, allowed * kLogs);
  EXPECT_GE(missed_accuracy, kMiss / 4.0 * kLogs) << "an interval that is far too wide";
}

}  // namespace
}  // namespace heirloom::certificate

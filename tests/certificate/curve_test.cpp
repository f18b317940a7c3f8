#include "core/certificate/curve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/certificate/tsv.h"
#include "core/stats/binomial.h"
#include "core/stats/certified_accuracy.h"
#include "tests/certificate/samples.h"

namespace heirloom::certificate {
namespace {

using test::sample_certificate;

Log sample_log() {
  return log_from_tsv(to_tsv(sample_certificate()), "sample").value();
}

// Correct at the ceiling (1.2...), correct at about 1, wrong, abstained.
TEST(CertifiedCurve, EndsAtTheLargestRadiusOfACorrectExample) {
  const auto curve = certified_curve(sample_log(), 0.9);
  ASSERT_EQ(curve.size(), 5u);
  EXPECT_EQ(curve[0].certified.count, 2u);
  EXPECT_EQ(curve[0].certified.of, 4u);
  EXPECT_EQ(curve[0].certified.value, 0.5);
  EXPECT_EQ(curve.back().radius, 1.0);
  EXPECT_EQ(curve.back().certified.count, 1u);
}

TEST(CertifiedCurve, HasIntervalsAndWhatIsProven) {
  for (const double confidence : {0.9, 0.99}) {
    const auto curve = certified_curve(sample_log(), confidence);
    EXPECT_EQ(curve[0].certified.interval, stats::clopper_pearson(2, 4, 1.0 - confidence));
    EXPECT_EQ(*curve[0].proven, stats::certified_share_lower(2, 4, 1.0 - confidence, 0.001));
  }
}

TEST(CertifiedCurve, ProvesNothingAtALevelThatIsNotKnown) {
  Log log = sample_log();
  log.protocol.reset();
  EXPECT_FALSE(certified_curve(log, 0.95)[0].proven.has_value());
}

TEST(CertifiedCurve, IncludesARadiusOfTheGridThatIsJustReached) {
  Log log = sample_log();
  log.examples = {test::sample_example(0, 1, 1, 1000)};
  log.examples[0].radius = 0.3;  // three steps of 0.1 are more than 0.3 in floating point
  const auto curve = certified_curve(log, 0.95, 0.1);
  ASSERT_EQ(curve.size(), 4u);
  EXPECT_EQ(curve.back().radius, 0.3);
  EXPECT_EQ(curve.back().certified.count, 1u);
}

TEST(CertifiedCurve, OfNoCorrectExampleIsOnePoint) {
  Log log = sample_log();
  log.examples = {test::sample_example(7, 2, 0, 900)};
  const auto curve = certified_curve(log, 0.95);
  ASSERT_EQ(curve.size(), 1u);
  EXPECT_EQ(curve[0].certified.value, 0.0);
  EXPECT_GT(curve[0].certified.interval.upper, 0.9) << "one failure of one says little";
}

TEST(CurveToCsv, HasFourColumns) {
  CurvePoint point;
  point.radius = 0.5;
  point.certified = Share{3, 4, 0.75, {0.25, 0.875}};
  EXPECT_EQ(curve_to_csv(std::vector<CurvePoint>{point}),
            "radius,certified_accuracy,lower,upper\n0.50,0.75,0.25,0.875\n");
}

}  // namespace
}  // namespace heirloom::certificate

#include "core/certificate/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heirloom::certificate {
namespace {

std::vector<CertifiedExample> sample_examples() {
  return {{0, 1, 1, 990, 0.99, 1.0},         // correct
          {1, 1, 0, 990, 0.99, 2.0},         // certified, for the wrong class
          {2, 1, kAbstain, 500, 0.45, 0.0},  // abstained
          {3, 0, 0, 600, 0.55, 0.0}};        // correct with radius 0
}

TEST(Summary, CountsWrongAndAbstainingExamplesAsZero) {
  const Summary summary = summarize(sample_examples());
  EXPECT_EQ(summary.examples, 4u);
  EXPECT_DOUBLE_EQ(summary.acr, 0.25);
  EXPECT_DOUBLE_EQ(summary.clean_accuracy, 0.5);
  EXPECT_DOUBLE_EQ(summary.abstain_rate, 0.25);
}

TEST(Summary, OfNothingIsZero) {
  const Summary summary = summarize({});
  EXPECT_EQ(summary.examples, 0u);
  EXPECT_EQ(summary.acr, 0.0);
  EXPECT_EQ(summary.clean_accuracy, 0.0);
  EXPECT_EQ(summary.abstain_rate, 0.0);
  EXPECT_EQ(certified_accuracy({}, 0.5), 0.0);
}

TEST(CertifiedAccuracy, IncludesARadiusThatIsJustReached) {
  EXPECT_EQ(count_certified(sample_examples(), 1.0), 1u);
  EXPECT_EQ(count_certified(sample_examples(), 1.000001), 0u);
  EXPECT_EQ(certified_accuracy(sample_examples(), 0.5), 0.25);
}

TEST(PaperRadii, StayBelowTheCeiling) {
  EXPECT_THAT(paper_radii(1.0), testing::ElementsAre(0.0, 0.25, 0.5, 0.75));
  EXPECT_THAT(paper_radii(1.01), testing::ElementsAre(0.0, 0.25, 0.5, 0.75, 1.0));
  EXPECT_THAT(paper_radii(0.0), testing::IsEmpty());
}

TEST(PaperRadii, HaveAnotherStepWhereOneIsGiven) {
  EXPECT_THAT(paper_radii(0.35, 0.1), testing::ElementsAre(0.0, 0.1, 0.2, 0.3));
  EXPECT_THAT(paper_radii(1.0, 0.0), testing::IsEmpty());
  EXPECT_EQ(paper_radii(1e300).size(), 10000u);
}

TEST(RadiusKey, HasTwoDigitsUnlessMoreAreNeeded) {
  EXPECT_EQ(radius_key(0.0), "0.00");
  EXPECT_EQ(radius_key(0.5), "0.50");
  EXPECT_EQ(radius_key(1.25), "1.25");
  EXPECT_EQ(radius_key(0.125), "0.125");
  EXPECT_EQ(radius_key(0.3), "0.30");
}

}  // namespace
}  // namespace heirloom::certificate

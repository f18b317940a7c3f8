#include "core/stats/ledger.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace heirloom::stats {
namespace {

const LedgerTerms kTerms{.candidates = 20, .promotions = 3, .risk = 0.05};

// docs/statistics.md section 5, to its two digits.
TEST(Ledger, GivesTheKnownAnswers) {
  EXPECT_NEAR(ledger_level(kTerms, 1, 0), 6.25e-4, 1e-12);
  EXPECT_NEAR(ledger_level(kTerms, 5, 1), 1.5625e-4, 1e-12);
  EXPECT_NEAR(ledger_level(kTerms, 10, 2), 1.736e-5, 1e-8);
  EXPECT_NEAR(ledger_level(kTerms, 20, 3), 6.45e-7, 1e-9);
}

TEST(Ledger, NeverChangesWhileNothingIsPromoted) {
  for (int t = 1; t <= 20; ++t) EXPECT_EQ(ledger_level(kTerms, t, 0), ledger_level(kTerms, 1, 0));
}

TEST(Ledger, IsExhaustedBeyondItsTerms) {
  EXPECT_EQ(ledger_level(kTerms, 21, 0), 0.0);
  EXPECT_EQ(ledger_level(kTerms, 10, 4), 0.0);
  EXPECT_EQ(ledger_level(kTerms, 0, 0), 0.0);
  EXPECT_EQ(ledger_level(kTerms, 5, -1), 0.0);
  EXPECT_EQ(ledger_level(kTerms, 2, 2), 0.0) << "one candidate cannot have had two promotions";
}

TEST(Ledger, GivesNothingForTermsThatAreNone) {
  EXPECT_EQ(ledger_level({.candidates = 0, .promotions = 3, .risk = 0.05}, 1, 0), 0.0);
  EXPECT_EQ(ledger_level({.candidates = 20, .promotions = -1, .risk = 0.05}, 1, 0), 0.0);
  EXPECT_EQ(ledger_level({.candidates = 20, .promotions = 3, .risk = 0.0}, 1, 0), 0.0);
  EXPECT_EQ(ledger_level({.candidates = 20, .promotions = 3, .risk = std::nan("")}, 1, 0), 0.0);
}

// Whatever the submitter does, the levels of all nodes (candidate, set of earlier promotions) sum
// to at most the risk: for each candidate number t and count i there are C(t-1, i) such nodes.
TEST(Ledger, SpendsNoMoreThanItsRiskOverAllLives) {
  double spent = 0.0;
  const std::function<void(int, int)> live = [&](int candidate, int promotions) {
    if (candidate > 14) return;
    const LedgerTerms terms{.candidates = 14, .promotions = 3, .risk = 0.05};
    const double level = ledger_level(terms, candidate, promotions);
    if (level == 0.0) return;
    spent += level;
    live(candidate + 1, promotions);      // rejected
    live(candidate + 1, promotions + 1);  // promoted
  };
  live(1, 0);
  EXPECT_LE(spent, 0.05 + 1e-12);
  EXPECT_GT(spent, 0.04) << "the ledger wastes its budget";
}

}  // namespace
}  // namespace heirloom::stats

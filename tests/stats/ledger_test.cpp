#include "core/stats/ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "tests/stats/simulation.h"

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

TEST(Ledger, IsMonotoneInItsTerms) {
  for (int t = 1; t <= 10; ++t) {
    for (int i = 0; i <= std::min(3, t - 1); ++i) {
      const double usual = ledger_level(kTerms, t, i);
      EXPECT_GT(usual, 0.0);
      EXPECT_GT(ledger_level({.candidates = 20, .promotions = 3, .risk = 0.06}, t, i), usual);
      EXPECT_LT(ledger_level({.candidates = 21, .promotions = 3, .risk = 0.05}, t, i), usual);
      EXPECT_LT(ledger_level({.candidates = 20, .promotions = 4, .risk = 0.05}, t, i), usual);
    }
  }
}

// Lives of a holdout whose candidates are all just bad enough to fail: each passes with the
// probability of its level, and a promotion moves the later levels.
TEST(Ledger, PromotesWronglyInALifeNoMoreOftenThanItsRisk) {
  const LedgerTerms terms{.candidates = 6, .promotions = 2, .risk = 0.6};
  // Up to the first false promotion i is 0 and the level is that of the first candidate.
  const double first = 0.6 / (3.0 * 6.0);
  const double expected = 1.0 - std::pow(1.0 - first, 6);
  const double rate = miss_rate(51, [&](auto& generator) {
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    int promotions = 0;
    for (int t = 1; t <= terms.candidates; ++t) {
      if (uniform(generator) <= ledger_level(terms, t, promotions)) ++promotions;
    }
    return promotions > 0;
  });
  EXPECT_NEAR(rate, expected, three_errors(expected));
  EXPECT_LE(expected, terms.risk);
}

}  // namespace
}  // namespace heirloom::stats

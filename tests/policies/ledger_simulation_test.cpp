// The holdout ledger in 10,000 lives of a holdout, by the levels and passing counts of the gates
// themselves (docs/statistics.md section 5).
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "core/stats/certified_accuracy.h"
#include "policies/feasibility.h"
#include "tests/policies/evidence.h"

namespace heirloom::policies {
namespace {

constexpr int kLives = 10000;
constexpr std::int64_t kExamples = 2000;
constexpr double kThreshold = 0.9;
constexpr double kAlpha = 0.001;
const stats::LedgerTerms kTerms{20, 3, 0.05};
constexpr double kConfidence = 0.95;

// The level of candidate t after i promotions.
using Levels = double (*)(std::int64_t t, std::int64_t i);

double with_ledger(std::int64_t t, std::int64_t i) {
  return gate_level(kConfidence, kTerms, t, i);
}
double without_ledger(std::int64_t, std::int64_t) {
  return 1.0 - kConfidence;
}

bool passes(std::int64_t certified, double level) {
  static std::map<double, std::int64_t> known;
  const auto [needed, added] = known.try_emplace(level, 0);
  if (added) {
    needed->second = level > 0.0
                         ? stats::smallest_passing_count(kExamples, kThreshold, level, kAlpha)
                         : kExamples + 1;
  }
  return certified >= needed->second;
}

// How many examples of the holdout candidates certify, who each certify an example of the
// population with their own rate.
class Holdout {
 public:
  explicit Holdout(std::mt19937_64& random) : random_(random) {}

  // One that owes nothing to earlier ones.
  std::int64_t fresh(double rate) { return draw(kExamples, rate); }

  // As like the one with (parent_rate, parent_certified) as its own rate lets it be: it certifies
  // nothing that the parent does not. Luck that the parent had on this holdout is passed on.
  std::int64_t child(double rate, double parent_rate, std::int64_t parent_certified) {
    return draw(parent_certified, std::min(1.0, rate / parent_rate));
  }

 private:
  std::int64_t draw(std::int64_t n, double p) {
    return std::binomial_distribution<std::int64_t>(n, p)(random_);
  }

  std::mt19937_64& random_;
};

// A false claim of an example counts as certified: the rate at which the holdout shows a candidate
// that is exactly at the threshold.
const double kNull = kThreshold + (1.0 - kThreshold) * kAlpha;
constexpr double kGood = 0.93;

// The share of lives in which a candidate at exactly the threshold was promoted. The submitter sees
// verdicts: every fourth candidate is a good one, until one is promoted; all others are planted at
// the threshold, near relatives of the last one that was promoted, or fresh ones.
double false_promotions(Levels levels) {
  std::mt19937_64 random(20240611);
  int lives = 0;
  for (int life = 0; life < kLives; ++life) {
    Holdout holdout(random);
    std::int64_t promotions = 0;
    double parent_rate = 0.0;
    std::int64_t parent_certified = 0;
    bool broken = false;
    for (std::int64_t t = 1; t <= kTerms.candidates; ++t) {
      const bool good = promotions == 0 && t % 4 == 0;
      const double rate = good ? kGood : kNull;
      const std::int64_t certified = promotions > 0 && t % 2 == 0
                                         ? holdout.child(rate, parent_rate, parent_certified)
                                         : holdout.fresh(rate);
      if (!passes(certified, levels(t, promotions))) continue;
      ++promotions;
      parent_rate = rate;
      parent_certified = certified;
      broken = broken || !good;
    }
    lives += broken ? 1 : 0;
  }
  return static_cast<double>(lives) / kLives;
}

double most_allowed() {
  return kTerms.risk + 3.0 * std::sqrt(kTerms.risk * (1.0 - kTerms.risk) / kLives);
}

TEST(LedgerSimulation, KeepsFalsePromotionsWithinTheRiskOfTheHoldoutsLife) {
  EXPECT_LE(false_promotions(with_ledger), most_allowed());
}

TEST(LedgerSimulation, WithoutTheLedgerTheRiskIsBroken) {
  EXPECT_GT(false_promotions(without_ledger), most_allowed());
}

// By the margin that `heirloom holdout budget` prints for the level in force, at every place of the
// budget: after as many candidates and promotions as there can be before it.
TEST(LedgerSimulation, PromotesWhatIsClearlyAboveAtEveryPlaceOfTheBudget) {
  std::mt19937_64 random(20240612);
  for (std::int64_t t = 1; t <= kTerms.candidates; ++t) {
    for (std::int64_t i = 0; i <= std::min(kTerms.promotions, t - 1); ++i) {
      const double level = with_ledger(t, i);
      const Question question{certified_at(0.5, kThreshold), level, kAlpha, 1.0, kClasses};
      const double rate = share_that_passes(question, kExamples).value();
      EXPECT_LT(rate, 0.95);
      int promoted = 0;
      for (int life = 0; life < kLives; ++life) {
        promoted += passes(Holdout(random).fresh(rate), level) ? 1 : 0;
      }
      // Planted at exactly 90 %: three standard errors below it at most.
      EXPECT_GE(promoted, kLives * 0.9 - 3.0 * std::sqrt(kLives * 0.9 * 0.1)) << t << ", " << i;
    }
  }
}

// The counts of the simulation are those of the judge.
TEST(LedgerSimulation, PassesWhatTheJudgePasses) {
  for (const auto& [t, i] : {std::pair{1, 0}, {10, 2}, {20, 3}}) {
    const double level = with_ledger(t, i);
    const std::int64_t needed = stats::smallest_passing_count(kExamples, kThreshold, level, kAlpha);
    for (const std::int64_t certified : {needed - 1, needed}) {
      const auto candidate = planted(static_cast<std::size_t>(certified), kExamples);
      const auto judged = judge(input_of(candidate, {certified_at(0.5, kThreshold)}, level));
      EXPECT_EQ(judged->verdict == Verdict::promoted, passes(certified, level));
    }
  }
}

}  // namespace
}  // namespace heirloom::policies

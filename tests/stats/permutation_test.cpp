#include "core/stats/permutation.h"

#include <map>

#include <gtest/gtest.h>

#include "core/base/digest.h"
#include "tests/stats/simulation.h"

namespace heirloom::stats {
namespace {

base::PhiloxWords words_of(std::string_view seed) {
  return base::PhiloxWords(base::sha256(seed));
}

TEST(MonteCarlo, StopsAtTheTenthExceedance) {
  int drawn = 0;
  const MonteCarlo test = monte_carlo(
      1.0, [&] { return ++drawn % 5 == 0 ? 1.0 : 0.0; }, 1000);
  EXPECT_EQ(test.draws, 50U);
  EXPECT_DOUBLE_EQ(test.p_value, 0.2);
}

TEST(MonteCarlo, NeverSaysNought) {
  const MonteCarlo test = monte_carlo(
      1.0, [] { return 0.0; }, 999);
  EXPECT_EQ(test.draws, 999U);
  EXPECT_DOUBLE_EQ(test.p_value, 0.001);
}

TEST(MonteCarlo, ReachesALevelWithAsManyDrawsAsItSays) {
  const double level = 2.9e-5;
  const MonteCarlo least = monte_carlo(
      1.0, [] { return 0.0; }, draws_for(level));
  EXPECT_LE(least.p_value, level);
  // Nine exceedances are still below the level, ten are not waited for.
  int drawn = 0;
  const MonteCarlo nine = monte_carlo(
      1.0, [&] { return ++drawn <= 9 ? 1.0 : 0.0; }, draws_for(level));
  EXPECT_LE(nine.p_value, level);
}

// The null law of p: uniform draws and a uniform statistic.
TEST(MonteCarlo, AlarmsNoMoreOftenThanItsLevel) {
  const double rate = miss_rate(3, [](std::mt19937_64& generator) {
    std::uniform_real_distribution<double> uniform;
    const auto draw = [&] { return uniform(generator); };
    return monte_carlo(draw(), draw, draws_for(0.05)).p_value <= 0.05;
  });
  EXPECT_LE(rate, 0.05 + three_errors(0.05));
  EXPECT_GE(rate, 0.05 - three_errors(0.05) - 0.01);
}

TEST(RandomSubset, HasEveryPairEquallyOften) {
  base::PhiloxWords words = words_of("pairs");
  RandomSubset subset(5, 2);
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> seen;
  for (int i = 0; i < 10000; ++i) {
    const auto drawn = subset.draw(words);
    ++seen[std::minmax(drawn[0], drawn[1])];
  }
  ASSERT_EQ(seen.size(), 10U);
  for (const auto& [pair, count] : seen) EXPECT_NEAR(count, 1000, 120);
}

TEST(ChiSquareTest, FindsAClassThatIsGone) {
  base::PhiloxWords words = words_of("gone");
  const std::vector<std::uint64_t> reference(10, 600);
  const std::vector<std::uint64_t> gone = {0, 66, 66, 66, 66, 66, 66, 67, 67, 67};
  const std::vector<std::uint64_t> same = {20, 25, 15, 18, 22, 20, 21, 19, 20, 20};
  EXPECT_LE(chi_square_test(reference, gone, 20000, words).p_value, 1e-3);
  const MonteCarlo none = chi_square_test(reference, same, 20000, words);
  EXPECT_GE(none.p_value, 0.2);
  EXPECT_LT(none.draws, 200U);  // and it did not take long to see that
}

TEST(ChiSquareTest, AlarmsNoMoreOftenThanItsLevel) {
  base::PhiloxWords words = words_of("level");
  const std::vector<double> shares = {0.5, 0.3, 0.15, 0.05};
  const double rate = miss_rate(17, [&](std::mt19937_64& generator) {
    std::discrete_distribution<std::size_t> classes(shares.begin(), shares.end());
    std::vector<std::uint64_t> x(4);
    std::vector<std::uint64_t> y(4);
    for (int i = 0; i < 60; ++i) ++x[classes(generator)];
    for (int i = 0; i < 15; ++i) ++y[classes(generator)];
    return chi_square_test(x, y, draws_for(0.05), words).p_value <= 0.05;
  });
  EXPECT_LE(rate, 0.05 + three_errors(0.05));
  EXPECT_GE(rate, 0.02);  // fewer than 0.05: the table has few values
}

}  // namespace
}  // namespace heirloom::stats

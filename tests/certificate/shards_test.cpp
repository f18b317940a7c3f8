#include "core/certificate/shards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/certificate/curtailment.h"

namespace heirloom::certificate {
namespace {

using testing::HasSubstr;
using Rows = std::vector<ExampleCounts>;

const std::vector<std::uint32_t> kExamples = {1, 4, 5, 8, 9, 12, 20};

Rows rows_of(const std::vector<std::uint32_t>& indices) {
  Rows rows;
  for (const std::uint32_t index : indices) rows.push_back({index, 0, {1, 0}, {index, 2}});
  return rows;
}

std::string refusal(const std::vector<Rows>& shards) {
  const auto merged = merge_shards(kExamples, 3, shards);
  return merged.has_value() ? std::string("nothing") : merged.error().message;
}

TEST(MergeShards, GivesTheRowsOfOneRun) {
  const std::vector<Rows> shards = {rows_of({5, 12}), rows_of({1, 8, 20}), rows_of({4, 9})};
  const auto merged = merge_shards(kExamples, 3, shards);
  ASSERT_TRUE(merged.has_value()) << merged.error().text();
  EXPECT_EQ(*merged, rows_of(kExamples));
}

TEST(MergeShards, NamesWhatIsMissingDoubledOrCut) {
  const Rows first = rows_of({1, 8, 20});
  const Rows second = rows_of({4, 9});
  const Rows third = rows_of({5, 12});
  EXPECT_THAT(refusal({first, third}), HasSubstr("one is missing: 2"));
  EXPECT_THAT(refusal({third}), HasSubstr("some are missing: 1, 2"));
  EXPECT_THAT(refusal({first, second, third, second}), HasSubstr("shard 2 of 3 is there twice"));
  EXPECT_THAT(refusal({rows_of({1, 8}), second, third}),
              HasSubstr("shard 1 of 3 has 2 rows instead of 3"));
  EXPECT_THAT(refusal({rows_of({1, 9, 20}), second, third}),
              HasSubstr("row 2 of shard 1 of 3 is example 9 instead of 8"));
  EXPECT_THAT(refusal({rows_of({8, 9}), second, third}), HasSubstr("begins with example 8"));
  EXPECT_THAT(refusal({first, second, {}}), HasSubstr("no rows"));
}

CertifiedExample certified_to(double radius) {
  return {.index = 0, .label = 1, .predicted = 1, .radius = radius};
}

TEST(Curtailment, EndsOnlyWhenNoOutcomeOfTheRestCanReachTheFloor) {
  Curtailment curtailment({{0.5, 4}}, 6);  // two may fail
  EXPECT_FALSE(curtailment.add(certified_to(0.2)));
  EXPECT_FALSE(curtailment.add(certified_to(0.5)));
  EXPECT_FALSE(curtailment.add(certified_to(0.1)));
  EXPECT_TRUE(curtailment.add(certified_to(0.4)));
}

TEST(Curtailment, NeverEndsARunThatMayPassOrHasNoFloor) {
  Curtailment passing({{0.5, 2}}, 2);
  EXPECT_FALSE(passing.add(certified_to(1.0)));
  EXPECT_FALSE(passing.add(certified_to(1.0)));
  Curtailment free({}, 2);
  EXPECT_FALSE(free.add(certified_to(0.0)));
  EXPECT_FALSE(free.add(certified_to(0.0)));
}

TEST(Curtailment, AnyFloorOutOfReachIsEnough) {
  Curtailment curtailment({{0.0, 1}, {1.0, 3}}, 3);
  EXPECT_TRUE(curtailment.add(certified_to(0.9)));
}

}  // namespace
}  // namespace heirloom::certificate

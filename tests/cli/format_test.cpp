#include "cli/render/format.h"

#include <limits>

#include <gtest/gtest.h>

#include "cli/render/bar.h"
#include "tests/cli/samples.h"

namespace heirloom::cli {
namespace {

TEST(Format, SharesHaveOneDecimalAndAcrHasThree) {
  EXPECT_EQ(percent(0.9344), "93.4%");
  EXPECT_EQ(metric_value("clean_accuracy", 0.98), "98.0%");
  EXPECT_EQ(metric_value("acr", 0.6123), "0.612");
}

TEST(Format, WhatIsNotKnownIsADash) {
  EXPECT_EQ(percent(std::nullopt), "-");
  EXPECT_EQ(decimal(std::numeric_limits<double>::quiet_NaN()), "-");
  EXPECT_EQ(grouped(std::nullopt), "-");
  EXPECT_EQ(duration(std::nullopt), "-");
  EXPECT_EQ(short_time(""), "-");
  EXPECT_EQ(short_hash(""), "-");
}

TEST(Format, CountsAreGroupedByThousands) {
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
}

TEST(Format, DurationsChangeUnitsWithoutSixtySeconds) {
  EXPECT_EQ(duration(31.24), "31.2s");
  EXPECT_EQ(duration(59.97), "1m 00s");
  EXPECT_EQ(duration(125), "2m 05s");
  EXPECT_EQ(duration(3780), "1h 03m");
}

TEST(Format, TimesAreShownToTheMinute) {
  EXPECT_EQ(short_time("2026-11-24T09:30:59.123Z"), "2026-11-24 09:30");
  EXPECT_EQ(short_time("yesterday"), "yesterday");
}

TEST(Bar, IsFullOnlyWhenTheWorkIsDone) {
  EXPECT_EQ(progress_bar(0.999, 6, test::wide()), "[███░]");
  EXPECT_EQ(progress_bar(1.0, 6, test::wide()), "[████]");
  EXPECT_EQ(progress_bar(0.5, 6, test::ascii()), "[##..]");
  EXPECT_EQ(progress_bar(7.0, 6, test::ascii()), "[####]");
}

TEST(Bar, GrowsWithItsValueInEighths) {
  EXPECT_EQ(value_bar(0.5, 4, test::wide()), "██");
  EXPECT_EQ(value_bar(0.28125, 4, test::wide()), "█▏");
  EXPECT_EQ(value_bar(0.0, 4, test::wide()), "");
  EXPECT_EQ(value_bar(1.0, 4, test::ascii()), "####");
}

}  // namespace
}  // namespace heirloom::cli

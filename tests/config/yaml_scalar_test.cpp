#include "config/yaml_scalar.h"

#include <gtest/gtest.h>

#include <cmath>

namespace heirloom::config {
namespace {

using namespace std::chrono_literals;

TEST(YamlScalar, ReadsWholeNumbersStrictly) {
  EXPECT_EQ(whole_number("0"), 0);
  EXPECT_EQ(whole_number("-17"), -17);
  EXPECT_EQ(whole_number("9223372036854775807"), 9223372036854775807);
  for (const char* text : {"", "-", "+1", "1.0", "1e3", "0x10", "010", "-01", "1_000", " 1", "1 ",
                           "9223372036854775808"}) {
    EXPECT_EQ(whole_number(text), std::nullopt) << text;
  }
}

TEST(YamlScalar, ReadsFiniteDecimalNumbersStrictly) {
  EXPECT_EQ(decimal_number("0.5"), 0.5);
  EXPECT_EQ(decimal_number("-1e-3"), -0.001);
  EXPECT_EQ(decimal_number("7"), 7.0);
  EXPECT_FALSE(std::signbit(decimal_number("-0.0").value()));
  for (const char* text : {"", ".", "nan", ".nan", "inf", "-inf", ".inf", "1e999", "0x1p3", "1,5",
                           "0.5f", "007", "1 000", "infinity"}) {
    EXPECT_EQ(decimal_number(text), std::nullopt) << text;
  }
}

TEST(YamlScalar, ReadsTrueAndFalseOnly) {
  EXPECT_EQ(truth_value("true"), true);
  EXPECT_EQ(truth_value("false"), false);
  for (const char* text : {"yes", "no", "on", "off", "True", "1", ""}) {
    EXPECT_EQ(truth_value(text), std::nullopt) << text;
  }
}

TEST(YamlScalar, ReadsDurationsWithTheirUnits) {
  EXPECT_EQ(duration_value("200ms"), 200ms);
  EXPECT_EQ(duration_value("2s"), 2s);
  EXPECT_EQ(duration_value("5min"), 5min);
  EXPECT_EQ(duration_value("1h"), 1h);
  EXPECT_EQ(duration_value("7d"), 168h);
  for (const char* text :
       {"", "5", "5m", "s", "-1s", "1.5h", "2 s", "5minutes", "9223372036854775807d"}) {
    EXPECT_EQ(duration_value(text), std::nullopt) << text;
  }
}

TEST(YamlScalar, KnowsTheWordsThatOtherReadersMistake) {
  for (const char* text : {"yes", "No", "OFF", "on", "y", "null", "~", "True"}) {
    EXPECT_TRUE(is_ambiguous_word(text)) << text;
  }
  for (const char* text : {"nose", "one", "lenet", "0"}) EXPECT_FALSE(is_ambiguous_word(text));
}

}  // namespace
}  // namespace heirloom::config

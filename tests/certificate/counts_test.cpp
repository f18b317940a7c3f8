#include "core/certificate/counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heirloom::certificate {
namespace {

using testing::HasSubstr;

const std::vector<ExampleCounts> kSample = {{17, 3, {0, 0, 0, 100, 0}, {0, 1, 0, 999, 0}},
                                            {4294967295u, 0, {1, 0, 0, 0, 0}, {0, 0, 0, 0, 0}}};

TEST(Counts, AreWrittenInTheStatedForm) {
  EXPECT_EQ(counts_to_tsv({kSample[0]}),
            "idx\tlabel\tselect\testimate\n17\t3\t0,0,0,100,0\t0,1,0,999,0\n");
}

TEST(Counts, SurviveARoundTrip) {
  const auto read = counts_from_tsv(counts_to_tsv(kSample), "counts.tsv");
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(*read, kSample);
}

TEST(Counts, SurviveBeingWrittenRowByRow) {
  EXPECT_EQ(counts_to_tsv({}) + counts_row(kSample[0]) + counts_row(kSample[1]),
            counts_to_tsv(kSample));
}

TEST(Counts, KeepTheStopsOfAModeThatStopsEarly) {
  const std::vector<ExampleCounts> rows = {{1, 0, {}, {95, 1}, {{16, 16}, {96, 95}}},
                                           {2, 1, {}, {0, 8}, {{8, 8}, {8, 8}}}};
  EXPECT_EQ(counts_to_tsv(rows),
            "idx\tlabel\tselect\testimate\tstops\n1\t0\t-\t95,1\t16:16,96:95\n"
            "2\t1\t-\t0,8\t8:8,8:8\n");
  EXPECT_EQ(counts_from_tsv(counts_to_tsv(rows), "f").value(), rows);
  EXPECT_FALSE(counts_from_tsv(counts_to_tsv(rows) + "3\t0\t-\t1,0\n", "f").has_value());
}

TEST(Counts, OfNoExampleAreAHeader) {
  const auto read = counts_from_tsv(counts_to_tsv({}), "counts.tsv");
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->empty());
}

TEST(Counts, NameTheFileAndTheLineOfAnError) {
  const std::string text = counts_to_tsv(kSample) + "18\tx\t1,2\t3,4\n";
  const auto read = counts_from_tsv(text, "out/counts.tsv");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind, base::ErrorKind::bad_data);
  EXPECT_THAT(read.error().message, HasSubstr("out/counts.tsv:4: label is \"x\""));
}

struct BadRow {
  const char* row;
  const char* message;
};

TEST(Counts, RefuseBadRows) {
  for (const BadRow& bad :
       {BadRow{"", "1 columns"}, BadRow{"1\t2\t3", "3 columns"},
        BadRow{"1\t2\t3\t4\t5:1\t6", "6 columns"}, BadRow{"1\t0\t1\t1\t5", "draws:hits"},
        BadRow{"1\t0\t1\t1\t5:x", "hits of stops"}, BadRow{"-1\t0\t1\t1", "idx"},
        BadRow{"1\t-1\t1\t1", "label is negative"}, BadRow{"1\t0\t1,\t1,1", "select"},
        BadRow{"1\t0\t1,1\t1,-1", "estimate"}, BadRow{"1\t0\t1, 1\t1,1", "select"},
        BadRow{"1\t0\t1\t1.0", "estimate"}, BadRow{"1\t0\t4294967296\t1", "select"},
        BadRow{"1\t0\t\t1", "select"}, BadRow{"1\t0\t1\t1,1", "differ in classes"},
        BadRow{"4294967296\t0\t1\t1", "idx"}, BadRow{"+1\t0\t1\t1", "idx"}}) {
    const auto read = counts_from_row(bad.row);
    ASSERT_FALSE(read.has_value()) << bad.row;
    EXPECT_THAT(read.error().message, HasSubstr(bad.message)) << bad.row;
  }
}

TEST(Counts, RefuseAnotherHeaderAndAFileCutShort) {
  EXPECT_FALSE(counts_from_tsv("", "f").has_value());
  EXPECT_FALSE(counts_from_tsv("idx\tlabel\n1\t2\n", "f").has_value());
  const std::string text = counts_to_tsv(kSample);
  // "...\t0,0,0,0,0" without its newline might be "...,01" cut short.
  const auto read = counts_from_tsv(text.substr(0, text.size() - 1), "f");
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().message, HasSubstr("middle of a row"));
}

}  // namespace
}  // namespace heirloom::certificate

#include "cli/render/table.h"

#include <gtest/gtest.h>

#include "tests/cli/samples.h"

namespace heirloom::cli {
namespace {

const std::vector<Column> kColumns = {
    {"ID"}, {"STATE"}, {"SHARE", true}, {"LATER", false, 2}, {"FIRST TO GO", false, 3}};
const std::vector<std::vector<Cell>> kRows = {{{"g1"}, {"promoted"}, {"9.0%"}, {"x"}, {"y"}},
                                              {{"g10"}, {"held"}, {"93.4%"}, {"x"}, {"y"}}};

TEST(Table, ColumnsAreAlignedAndNumbersStandAtTheRight) {
  EXPECT_EQ(render_table(kColumns, kRows, test::wide()),
            "ID   STATE     SHARE  LATER  FIRST TO GO\n"
            "g1   promoted   9.0%  x      y\n"
            "g10  held      93.4%  x      y\n");
}

TEST(Table, TheLeastImportantColumnsGoFirstWhenItIsNarrow) {
  EXPECT_EQ(render_table(kColumns, kRows, {30, false, true}),
            "ID   STATE     SHARE  LATER\n"
            "g1   promoted   9.0%  x\n"
            "g10  held      93.4%  x\n");
  const std::string narrowest = render_table(kColumns, kRows, {22, false, true});
  EXPECT_EQ(narrowest.find("LATER"), std::string::npos);
  EXPECT_NE(narrowest.find("SHARE"), std::string::npos);
}

TEST(Table, NoLineIsWiderThanTheTerminalEvenWhenNothingMayBeDropped) {
  const std::vector<Column> columns = {{"A"}, {"B"}};
  const std::vector<std::vector<Cell>> rows = {{{std::string(50, 'a')}, {std::string(50, 'b')}}};
  EXPECT_LE(test::widest_line(render_table(columns, rows, {20, false, true})), 20U);
  EXPECT_LE(test::widest_line(render_table(columns, rows, {10, false, true})), 10U);
}

TEST(Table, AColumnWithoutAnyTextIsLeftOut) {
  EXPECT_EQ(render_table({{"ID"}, {"ERROR"}}, {{{"g1"}, {""}}}, test::wide()), "ID\ng1\n");
}

TEST(Table, ColoursDoNotDisturbTheAlignment) {
  Style coloured = test::wide();
  coloured.colour = true;
  const std::string table = render_table({{"S"}, {"N"}}, {{{"bad", Tone::bad}, {"1"}}}, coloured);
  EXPECT_EQ(table, "\x1b[1mS\x1b[0m    \x1b[1mN\x1b[0m\n\x1b[31mbad\x1b[0m  1\n");
}

TEST(Table, ANewlineInACellCannotBreakARow) {
  EXPECT_EQ(render_table({{"ID"}}, {{{"a\nb"}}}, test::wide()), "ID\na b\n");
}

TEST(Facts, LongValuesGoOnBesideTheirNames) {
  EXPECT_EQ(render_facts({{"id", {"g1"}}, {"reason", {"one two three"}}}, {16, false, true}),
            "id      g1\n"
            "reason  one two\n"
            "        three\n");
}

}  // namespace
}  // namespace heirloom::cli

#include "cli/render/text.h"

#include <gtest/gtest.h>

#include "tests/cli/samples.h"

namespace heirloom::cli {
namespace {

TEST(Text, ControlCharactersCannotSteerTheTerminal) {
  EXPECT_EQ(printable("a\x1b[31mb\nc\td\x7f"), "a [31mb c d ");
  // C1 controls and marks that reorder text, written in UTF-8.
  EXPECT_EQ(printable("a\xC2\x9B"
                      "b\xE2\x80\xAE"
                      "c"),
            "a b c");
}

TEST(Text, BytesThatAreNoUtf8AreShownAsQuestionMarks) {
  EXPECT_EQ(printable("a\xFFz"), "a?z");
  EXPECT_EQ(printable("\xC0\xAF"), "??");  // an overlong slash
  EXPECT_EQ(printable("\xE2\x82"), "??");  // cut short
  EXPECT_EQ(printable("größe"), "größe");
}

TEST(Text, WidthCountsColumnsAndNotBytes) {
  EXPECT_EQ(display_width("größe"), 5U);
  EXPECT_EQ(display_width("数字"), 4U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // e and a combining accent
  EXPECT_EQ(display_width("█░"), 2U);
}

TEST(Text, ClippedTextEndsInAnEllipsisWithinItsWidth) {
  EXPECT_EQ(clip("certified", 9, test::wide()), "certified");
  EXPECT_EQ(clip("certified", 6, test::wide()), "certi…");
  EXPECT_EQ(clip("certified", 6, test::ascii()), "cert..");
  EXPECT_EQ(clip("数字数字", 5, test::wide()), "数字…");
}

TEST(Text, PaddingIsInColumns) {
  EXPECT_EQ(pad("ö", 3, false), "ö  ");
  EXPECT_EQ(pad("ö", 3, true), "  ö");
}

TEST(Text, WrappingBreaksAtBlanksAndSplitsOnlyWordsThatAreTooLong) {
  EXPECT_EQ(wrap("every gate holds", 10), (std::vector<std::string>{"every gate", "holds"}));
  EXPECT_EQ(wrap("abcdefgh", 3), (std::vector<std::string>{"abc", "def", "gh"}));
  EXPECT_EQ(wrap("", 3), (std::vector<std::string>{""}));
  EXPECT_EQ(wrap("一二", 1), (std::vector<std::string>{"一", "二"}));
}

}  // namespace
}  // namespace heirloom::cli
